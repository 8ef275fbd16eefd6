// Verifies what Rujukan signed and proved, by the libraries of Go's own checksum database and nothing of Rujukan's.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What is to be verified: two checkpoints, an entry with its place and its proof in the newer one, the proof that the
// older one is the beginning of it, and the directory of its tiles. Hashes are in hexadecimal digits.
type given struct {
	Key, Old, New, Entry, Tiles string
	Index                       int64
	Inclusion, Consistency      []string
}

type tiles struct{ directory string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// Go's paths have the height in them, those of tlog-tiles have not.
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(t.directory, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func main() {
	if err := verify(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("verified")
}

func verify() error {
	var g given
	if err := json.NewDecoder(os.Stdin).Decode(&g); err != nil {
		return err
	}
	verifier, err := note.NewVerifier(g.Key)
	if err != nil {
		return err
	}
	old, err := opened(g.Old, verifier)
	if err != nil {
		return fmt.Errorf("the older checkpoint: %w", err)
	}
	tree, err := opened(g.New, verifier)
	if err != nil {
		return fmt.Errorf("the newer checkpoint: %w", err)
	}
	leaf := tlog.RecordHash([]byte(g.Entry))
	inclusion, err := hashes(g.Inclusion)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(inclusion, tree.N, tree.Hash, g.Index, leaf); err != nil {
		return fmt.Errorf("the inclusion: %w", err)
	}
	consistency, err := hashes(g.Consistency)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(consistency, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return fmt.Errorf("the consistency: %w", err)
	}
	read, err := tlog.TileHashReader(tree, tiles{g.Tiles}).ReadHashes([]int64{tlog.StoredHashIndex(0, g.Index)})
	if err != nil {
		return fmt.Errorf("the tiles: %w", err)
	}
	if read[0] != leaf {
		return errors.New("the tiles hold another leaf")
	}
	return nil
}

func opened(text string, verifier note.Verifier) (tlog.Tree, error) {
	found, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(found.Text, "\n")
	if len(lines) < 4 {
		return tlog.Tree{}, errors.New("no checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("no root")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

func hashes(texts []string) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, text := range texts {
		hash, err := hex.DecodeString(text)
		if err != nil || len(hash) != tlog.HashSize {
			return nil, errors.New("no hash")
		}
		var whole tlog.Hash
		copy(whole[:], hash)
		found = append(found, whole)
	}
	return found, nil
}

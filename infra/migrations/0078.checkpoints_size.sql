-- A checkpoint stands under the size that it says: in the second line of a note.
ALTER TABLE checkpoints ADD CONSTRAINT checkpoints_size CHECK (split_part(note, E'\n', 2) = size::text);

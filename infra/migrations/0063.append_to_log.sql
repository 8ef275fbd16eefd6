-- The one door to the log, which now refuses claims that are not made under every live version of the index key: in
-- a rotation no number is claimed under one of them here and under another there.
-- Takes several appends at once, each of which is stored whole or not at all, and answers each with its outcome:
--   appended        its events stand at the positions up to `last_position`
--   repeated        exactly these events were stored before: a commit whose reply was lost
--   version-taken   a stream is not at the version before its first event, or its events do not follow each other
--   identity-taken  a family card or identity number (`kind`) belongs to `household`
--   key-taken       the idempotency key has a receipt
--   index-stale     a claim is not made under every live version of the index key: its maker has not heard of one yet
-- Element by element, the arrays are the events (append, stream, version, topic, state), append by append in order, and
-- the snapshots that go with them: each of a stream as it stands after its last event here. `beside` holds `claims`,
-- `releases` and `receipts`, which name their append; an append may consist of a receipt alone, and of nothing else
-- without events. The caller sees to it that no two appends share a stream, a claim or a key; where they do, a unique
-- key refuses the whole call. What one append releases, another of the same call cannot claim yet.
-- Appends are serialised by the advisory lock until their commit is seen by all, so that no reader ever sees a position
-- before the one below it. Plans always go by index: they are made while tables are small, and kept.
DROP FUNCTION append_to_log(
    int[], uuid[], bigint[], text[], bytea[], int[], uuid[], bigint[], text[], bytea[], jsonb);
CREATE FUNCTION append_to_log(
    appends int[], streams uuid[], versions bigint[], topics text[], states bytea[],
    kept_appends int[], kept_streams uuid[], kept_versions bigint[], kept_topics text[], kept_states bytea[],
    beside jsonb
) RETURNS TABLE (append int, outcome text, last_position bigint, kind text, household uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    head bigint;
    moment timestamptz;
    stale int[];
    claims jsonb := '[]';
    claimed int[] := '{}';
    keyed int[] := '{}';
    unlisted int[] := '{}';
    refused int[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'an append must see what was committed while it waited: use READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    appends := coalesce(appends, '{}');
    IF array_position(appends, NULL) IS NOT NULL OR EXISTS (
        SELECT FROM jsonb_to_recordset(beside -> 'claims' || (beside -> 'releases')) AS b (append int)
        WHERE b.append IS NULL OR b.append <> ALL (appends)
    ) THEN
        RAISE EXCEPTION 'what is written beside events belongs to an append that has some'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(x'52554A550003'::bigint);

    SELECT l.notification_id, l.logged_at INTO head, moment
    FROM rujukan_events l ORDER BY l.notification_id DESC LIMIT 1;
    head := coalesce(head, 0);
    moment := greatest(clock_timestamp(), moment);

    stale := ARRAY(
        SELECT DISTINCT s.append
        FROM (
            SELECT e.append, e.stream, min(e.version) AS first,
                   array_agg(e.version - e.rank) AS steps
            FROM (
                SELECT u.append, u.stream, u.version,
                       row_number() OVER (PARTITION BY u.append, u.stream ORDER BY u.place) AS rank
                FROM unnest(appends, streams, versions) WITH ORDINALITY AS u (append, stream, version, place)
            ) e
            GROUP BY e.append, e.stream
        ) s
        WHERE s.first - 1 <> ANY (s.steps)
           OR s.first - 1 <> coalesce(
               (SELECT max(l.originator_version) FROM rujukan_events l WHERE l.originator_id = s.stream), 0)
    );
    IF beside IS NOT NULL THEN
        SELECT coalesce(jsonb_agg(taken), '[]'), coalesce(array_agg(taken.append), '{}') INTO claims, claimed
        FROM (
            SELECT DISTINCT ON (c.append) c.append, c.kind, owner.household
            FROM jsonb_to_recordset(beside -> 'claims') AS c (append int, kind text, digest text, key_version int)
            CROSS JOIN LATERAL (
                SELECT i.household, i.member FROM identity_index i
                WHERE i.kind = c.kind AND i.digest = decode(c.digest, 'hex') AND i.key_version = c.key_version
            ) owner
            WHERE c.append <> ALL (stale) AND NOT EXISTS (
                SELECT FROM jsonb_to_recordset(beside -> 'releases') AS r (append int, household uuid, member uuid)
                WHERE r.append = c.append AND r.household = owner.household
                  AND r.member IS NOT DISTINCT FROM owner.member
            )
            ORDER BY c.append, c.kind
        ) taken;
        keyed := ARRAY(
            SELECT r.append
            FROM jsonb_to_recordset(beside -> 'receipts') AS r (append int, caller text, route text, key text)
            WHERE r.append <> ALL (stale || claimed) AND EXISTS (
                SELECT FROM idempotency i
                WHERE i.caller = r.caller AND i.route = r.route AND i.key = r.key
                  AND i.created_at > now() - interval '30 days'
            )
        );
    END IF;
    IF EXISTS (SELECT FROM index_keys) THEN
        unlisted := ARRAY(
            SELECT DISTINCT c.append
            FROM jsonb_to_recordset(beside -> 'claims')
                AS c (append int, kind text, key_version int, household uuid, member uuid)
            WHERE c.append <> ALL (stale || claimed || keyed)
            GROUP BY c.append, c.kind, c.household, c.member
            HAVING EXISTS (SELECT FROM index_keys k WHERE k.version <> ALL (array_agg(c.key_version)))
        );
    END IF;
    refused := stale || claimed || keyed || unlisted;

    INSERT INTO rujukan_events (originator_id, originator_version, topic, state, notification_id, logged_at)
    SELECT e.stream, e.version, e.topic, e.state, head + row_number() OVER (ORDER BY e.append, e.place), moment
    FROM unnest(appends, streams, versions, topics, states)
        WITH ORDINALITY AS e (append, stream, version, topic, state, place)
    WHERE e.append <> ALL (refused)
    ORDER BY e.append, e.place;
    IF FOUND THEN
        PERFORM pg_notify('rujukan_events', '');
    END IF;

    IF cardinality(kept_appends) > 0 THEN
        INSERT INTO snapshots (originator_id, originator_version, topic, state)
        SELECT k.stream, k.version, k.topic, k.state
        FROM unnest(kept_appends, kept_streams, kept_versions, kept_topics, kept_states)
            AS k (append, stream, version, topic, state)
        WHERE k.append <> ALL (refused) AND k.version = (
            SELECT max(e.version) FROM unnest(appends, streams, versions) AS e (append, stream, version)
            WHERE e.append = k.append AND e.stream = k.stream
        )
        ON CONFLICT (originator_id) DO UPDATE SET
            originator_version = excluded.originator_version, topic = excluded.topic, state = excluded.state;
    END IF;

    IF beside IS NOT NULL THEN
        DELETE FROM identity_index i
        USING jsonb_to_recordset(beside -> 'releases') AS r (append int, household uuid, member uuid)
        WHERE r.append <> ALL (refused) AND i.household = r.household AND i.member IS NOT DISTINCT FROM r.member;

        INSERT INTO identity_index (kind, digest, key_version, household, member)
        SELECT c.kind, decode(c.digest, 'hex'), c.key_version, c.household, c.member
        FROM jsonb_to_recordset(beside -> 'claims')
            AS c (append int, kind text, digest text, key_version int, household uuid, member uuid)
        WHERE c.append <> ALL (refused);

        INSERT INTO idempotency (caller, route, key, fingerprint, status, position, version, location, ids)
        SELECT r.caller, r.route, r.key, decode(r.fingerprint, 'hex'), r.status,
               coalesce(p.last_position, r.position), r.version, r.location, r.ids
        FROM jsonb_to_recordset(beside -> 'receipts') AS r (
            append int, caller text, route text, key text, fingerprint text, status int, position bigint,
            version bigint, location text, ids jsonb)
        LEFT JOIN last_positions(appends, refused, head) p ON p.append = r.append
        WHERE r.append <> ALL (refused)
        ON CONFLICT (caller, route, key) DO UPDATE SET
            fingerprint = excluded.fingerprint, status = excluded.status, position = excluded.position,
            version = excluded.version, location = excluded.location, ids = excluded.ids, created_at = now();
    END IF;

    RETURN QUERY
    SELECT p.append, 'appended', p.last_position, NULL::text, NULL::uuid
    FROM last_positions(appends, refused, head) p;

    IF cardinality(stale) > 0 THEN
        RETURN QUERY
        SELECT e.append,
               CASE WHEN bool_and(coalesce(l.topic = e.topic AND l.state = e.state, false))
                   THEN 'repeated' ELSE 'version-taken' END,
               max(l.notification_id), NULL::text, NULL::uuid
        FROM unnest(appends, streams, versions, topics, states) AS e (append, stream, version, topic, state)
        LEFT JOIN rujukan_events l ON l.originator_id = e.stream AND l.originator_version = e.version
        WHERE e.append = ANY (stale)
        GROUP BY e.append;
    END IF;
    RETURN QUERY
    SELECT c.append, 'identity-taken', NULL::bigint, c.kind, c.household
    FROM jsonb_to_recordset(claims) AS c (append int, kind text, household uuid);
    RETURN QUERY
    SELECT k.append, 'key-taken', NULL::bigint, NULL::text, NULL::uuid FROM unnest(keyed) AS k (append);
    RETURN QUERY
    SELECT u.append, 'index-stale', NULL::bigint, NULL::text, NULL::uuid FROM unnest(unlisted) AS u (append);
END;
$$;

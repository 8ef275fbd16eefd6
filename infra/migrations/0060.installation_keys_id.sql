-- Which keys database belongs to this log, in place of the master key that development keys were derived from.
ALTER TABLE installation ADD COLUMN keys_id bytea, ALTER COLUMN master_key_check DROP NOT NULL;

-- Few different words, but no dictionary: making one for every insert costs more than it saves (docs/benchmarks.md).

ALTER TABLE {db}.raw_events
    MODIFY COLUMN type String CODEC(ZSTD(1)),
    MODIFY COLUMN store String,
    MODIFY COLUMN verdict String CODEC(ZSTD(1)),
    MODIFY COLUMN reason String,
    MODIFY COLUMN currency String;

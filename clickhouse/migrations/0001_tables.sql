-- Every row has a natural key; writing it twice changes nothing (docs/architecture.md, "What makes it exact").
-- ReplacingMergeTree(upto): the row with the highest `upto`, the last offset that changed it, wins.
-- PARTITION BY uses key columns only, so that FINAL never has to look across partitions.

CREATE TABLE IF NOT EXISTS {db}.raw_events
(
    source LowCardinality(String),
    partition UInt16,
    offset UInt64,
    generation UInt32,
    appended_at DateTime64(3, 'UTC'),
    key String,
    value String CODEC(ZSTD(1)),
    type LowCardinality(String),
    store LowCardinality(String),
    event_id String,
    occurred_at DateTime64(3, 'UTC'),
    session_id String,
    session_started_at DateTime64(3, 'UTC'),
    verdict LowCardinality(String),
    reason LowCardinality(String),
    detail String,
    currency LowCardinality(String),
    net_effect Int64,
    INDEX by_occurred_at occurred_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY (source, intDiv(offset, 10000000))
ORDER BY (source, partition, offset, generation)
TTL toDateTime(appended_at) + INTERVAL 30 DAY;

CREATE TABLE IF NOT EXISTS {db}.sessions
(
    source LowCardinality(String),
    partition UInt16,
    generation UInt32,
    kind LowCardinality(String),
    session_id String,
    session_started_at DateTime64(3, 'UTC'),
    upto UInt64,
    store LowCardinality(String),
    visitor_id String,
    customer_id String,
    channel LowCardinality(String),
    campaign LowCardinality(String),
    country LowCardinality(String),
    region LowCardinality(String),
    device LowCardinality(String),
    segment LowCardinality(String),
    bot Bool,
    active_at DateTime64(3, 'UTC'),
    last_event_at DateTime64(3, 'UTC'),
    first_offset UInt64,
    first_order_offset Nullable(UInt64),
    first_cart_offset Nullable(UInt64),
    first_checkout_offset Nullable(UInt64),
    seen_id Array(UInt64),
    seen_at Array(UInt64),
    INDEX by_active_at active_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(upto)
PARTITION BY toYYYYMM(session_started_at)
ORDER BY (source, generation, partition, session_started_at, session_id, kind);

CREATE TABLE IF NOT EXISTS {db}.orders
(
    source LowCardinality(String),
    partition UInt16,
    generation UInt32,
    kind LowCardinality(String),
    session_id String,
    session_started_at DateTime64(3, 'UTC'),
    order_id String,
    upto UInt64,
    store LowCardinality(String),
    visitor_id String,
    customer_id String,
    channel LowCardinality(String),
    campaign LowCardinality(String),
    country LowCardinality(String),
    region LowCardinality(String),
    device LowCardinality(String),
    segment LowCardinality(String),
    bot Bool,
    placed_offset Nullable(UInt64),
    placed_at DateTime64(3, 'UTC'),
    occurred_at DateTime64(3, 'UTC'),
    verdict LowCardinality(String),
    currency LowCardinality(String),
    rate_day String,
    rate Float64,
    worth_goods Int64,
    worth_tax Int64,
    worth_shipping Int64,
    gross Int64,
    discount Int64,
    tax Int64,
    shipping Int64,
    units Int64,
    `lines.sku` Array(String),
    `lines.name` Array(String),
    `lines.category` Array(LowCardinality(String)),
    `lines.quantity` Array(Int32),
    `lines.unit_price` Array(Int64),
    `takes.id` Array(String),
    `takes.offset` Array(UInt64),
    `takes.kind` Array(LowCardinality(String)),
    `takes.occurred_at` Array(DateTime64(3, 'UTC')),
    `takes.goods` Array(Int64),
    `takes.tax` Array(Int64),
    `takes.shipping` Array(Int64),
    `takes.original_goods` Array(Int64),
    `takes.original_tax` Array(Int64),
    `takes.original_shipping` Array(Int64)
)
ENGINE = ReplacingMergeTree(upto)
PARTITION BY toYYYYMM(session_started_at)
ORDER BY (source, generation, partition, session_started_at, session_id, kind, order_id);

CREATE TABLE IF NOT EXISTS {db}.panes
(
    store LowCardinality(String),
    width UInt16,
    dimension LowCardinality(String),
    value LowCardinality(String),
    start DateTime('UTC'),
    source LowCardinality(String),
    partition UInt16,
    generation UInt32,
    upto UInt64,
    sessions UInt32,
    converted UInt32,
    carts UInt32,
    carts_converted UInt32,
    checkouts UInt32,
    checkouts_converted UInt32,
    page_views UInt32,
    product_views UInt32,
    payment_failures UInt32,
    orders UInt32,
    units Int64,
    gross Int64,
    discount Int64,
    tax Int64,
    shipping Int64,
    refunds UInt32,
    refund_goods Int64,
    refund_tax Int64,
    refund_shipping Int64,
    cancellations UInt32,
    cancel_goods Int64,
    cancel_tax Int64,
    cancel_shipping Int64,
    sketch_index Array(Int32),
    sketch_count Array(UInt32),
    INDEX by_source (source, partition) TYPE set(64) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(upto)
PARTITION BY (width, toYYYYMM(start))
ORDER BY (store, width, dimension, value, start, source, partition, generation)
TTL start + INTERVAL 3 DAY DELETE WHERE width = 1;

CREATE TABLE IF NOT EXISTS {db}.positions
(
    source LowCardinality(String),
    partition UInt16,
    generation UInt32,
    upto UInt64,
    partitions UInt16,
    first_offset UInt64,
    logic_version UInt32,
    currencies String,
    watermark Nullable(Int64),
    appended_at Nullable(Int64),
    last_record String,
    counters String,
    late UInt64,
    fixings String,
    gaps UInt64,
    panes_offset Int64,
    stored_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(upto)
ORDER BY (source, partition, generation);

CREATE TABLE IF NOT EXISTS {db}.day_generation
(
    source LowCardinality(String),
    day Date,
    generation UInt32,
    changed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (source, day);

-- The public, read-only views: a contract for analysts, described column by column in docs/analytics.md.
-- They hide FINAL and generations; money is Decimal(18, 4) of the store's currency; `day` is the store's own day.
-- This file is applied whenever it or the stores change: {day:T} is the store-time day of the UTC time T.

CREATE OR REPLACE VIEW {db}.active_generation AS
SELECT source, day, argMax(generation, changed_at) AS generation
FROM {db}.day_generation
GROUP BY source, day;

CREATE OR REPLACE VIEW {analytics}.panes AS
SELECT
    p.store AS store,
    p.width AS width,
    p.dimension AS dimension,
    p.value AS value,
    {day:p.start} AS day,
    p.start AS start,
    sum(p.sessions) AS sessions,
    sum(p.converted) AS converted,
    sum(p.carts) AS carts,
    sum(p.carts_converted) AS carts_converted,
    sum(p.checkouts) AS checkouts,
    sum(p.checkouts_converted) AS checkouts_converted,
    sum(p.page_views) AS page_views,
    sum(p.product_views) AS product_views,
    sum(p.payment_failures) AS payment_failures,
    sum(p.orders) AS orders,
    sum(p.units) AS units,
    CAST(sum(p.gross) AS Decimal(18, 4)) / 10000 AS gross,
    CAST(sum(p.discount) AS Decimal(18, 4)) / 10000 AS discount,
    CAST(sum(p.gross - p.discount - p.refund_goods - p.cancel_goods) AS Decimal(18, 4)) / 10000 AS net_sales,
    CAST(sum(p.tax) AS Decimal(18, 4)) / 10000 AS tax,
    CAST(sum(p.shipping) AS Decimal(18, 4)) / 10000 AS shipping,
    sum(p.refunds) AS refunds,
    CAST(sum(p.refund_goods) AS Decimal(18, 4)) / 10000 AS refund_goods,
    CAST(sum(p.refund_tax) AS Decimal(18, 4)) / 10000 AS refund_tax,
    CAST(sum(p.refund_shipping) AS Decimal(18, 4)) / 10000 AS refund_shipping,
    sum(p.cancellations) AS cancellations,
    CAST(sum(p.cancel_goods) AS Decimal(18, 4)) / 10000 AS cancel_goods,
    CAST(sum(p.cancel_tax) AS Decimal(18, 4)) / 10000 AS cancel_tax,
    CAST(sum(p.cancel_shipping) AS Decimal(18, 4)) / 10000 AS cancel_shipping,
    sum(p.revisions) AS revisions,
    CAST(sum(p.revised_sales) AS Decimal(18, 4)) / 10000 AS revised_sales
FROM {db}.panes AS p FINAL
LEFT JOIN {db}.active_generation AS g ON g.source = p.source AND g.day = toDate(p.start)
WHERE p.generation = g.generation
GROUP BY store, width, dimension, value, day, start
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW {analytics}.sessions AS
SELECT
    s.store AS store,
    s.session_id AS session_id,
    {day:s.session_started_at} AS day,
    s.session_started_at AS started_at,
    s.last_event_at AS last_event_at,
    s.visitor_id AS visitor_id,
    s.customer_id AS customer_id,
    s.channel AS channel,
    s.campaign AS campaign,
    s.country AS country,
    s.region AS region,
    s.device AS device,
    s.segment AS segment,
    s.bot AS bot,
    length(s.seen_id) AS events,
    s.first_cart_offset IS NOT NULL AS has_cart,
    s.first_checkout_offset IS NOT NULL AS has_checkout,
    s.first_order_offset IS NOT NULL AS has_order
FROM {db}.sessions AS s FINAL
LEFT JOIN {db}.active_generation AS g ON g.source = s.source AND g.day = toDate(s.session_started_at)
WHERE s.kind = 'session' AND s.generation = g.generation
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW {analytics}.orders AS
SELECT
    o.store AS store,
    o.order_id AS order_id,
    {day:o.occurred_at} AS day,
    o.occurred_at AS occurred_at,
    o.placed_at AS placed_at,
    if(o.kind = 'session', o.session_id, '') AS session_id,
    o.visitor_id AS visitor_id,
    o.customer_id AS customer_id,
    o.channel AS channel,
    o.campaign AS campaign,
    o.country AS country,
    o.region AS region,
    o.device AS device,
    o.segment AS segment,
    o.bot AS bot,
    o.verdict AS verdict,
    o.currency AS currency,
    o.rate AS rate,
    o.rate_day AS rate_day,
    o.units AS units,
    CAST(o.gross AS Decimal(18, 4)) / 10000 AS gross,
    CAST(o.discount AS Decimal(18, 4)) / 10000 AS discount,
    CAST(o.tax AS Decimal(18, 4)) / 10000 AS tax,
    CAST(o.shipping AS Decimal(18, 4)) / 10000 AS shipping,
    CAST(arraySum(o.`takes.goods`) AS Decimal(18, 4)) / 10000 AS taken_goods,
    CAST(arraySum(o.`takes.tax`) AS Decimal(18, 4)) / 10000 AS taken_tax,
    CAST(arraySum(o.`takes.shipping`) AS Decimal(18, 4)) / 10000 AS taken_shipping,
    has(o.`takes.kind`, 'cancellation') AS cancelled
FROM {db}.orders AS o FINAL
LEFT JOIN {db}.active_generation AS g ON g.source = o.source AND g.day = toDate(o.session_started_at)
WHERE o.placed_offset IS NOT NULL AND o.generation = g.generation
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW {analytics}.order_lines AS
SELECT
    o.store AS store,
    o.order_id AS order_id,
    {day:o.occurred_at} AS day,
    o.occurred_at AS occurred_at,
    o.customer_id AS customer_id,
    o.country AS country,
    o.bot AS bot,
    o.verdict AS verdict,
    line.1 AS line_number,
    line.2 AS sku,
    line.3 AS name,
    line.4 AS category,
    line.5 AS quantity,
    o.currency AS currency,
    o.rate AS rate,
    CAST(line.6 AS Decimal(18, 4)) / 10000 AS unit_price
FROM {db}.orders AS o FINAL
LEFT JOIN {db}.active_generation AS g ON g.source = o.source AND g.day = toDate(o.session_started_at)
ARRAY JOIN arrayZip(arrayEnumerate(o.`lines.sku`), o.`lines.sku`, o.`lines.name`, o.`lines.category`,
                    o.`lines.quantity`, o.`lines.unit_price`) AS line
WHERE o.placed_offset IS NOT NULL AND o.generation = g.generation
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW {analytics}.refunds AS
SELECT
    o.store AS store,
    o.order_id AS order_id,
    take.1 AS refund_id,
    take.2 AS kind,
    {day:take.3} AS day,
    take.3 AS occurred_at,
    o.placed_at AS placed_at,
    o.customer_id AS customer_id,
    o.channel AS channel,
    o.country AS country,
    o.bot AS bot,
    CAST(take.4 AS Decimal(18, 4)) / 10000 AS goods,
    CAST(take.5 AS Decimal(18, 4)) / 10000 AS tax,
    CAST(take.6 AS Decimal(18, 4)) / 10000 AS shipping
FROM {db}.orders AS o FINAL
LEFT JOIN {db}.active_generation AS g ON g.source = o.source AND g.day = toDate(o.session_started_at)
ARRAY JOIN arrayZip(o.`takes.id`, o.`takes.kind`, o.`takes.occurred_at`, o.`takes.goods`, o.`takes.tax`,
                    o.`takes.shipping`) AS take
WHERE o.generation = g.generation
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Modified z-score of log(amount) by category, from the median and the median absolute deviation; above 3.5 is an outlier.
-- Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993. Nothing is dropped: every figure still has them.
CREATE OR REPLACE VIEW {analytics}.outliers AS
SELECT
    line.store AS store,
    line.order_id AS order_id,
    line.line_number AS line_number,
    line.day AS day,
    line.occurred_at AS occurred_at,
    line.customer_id AS customer_id,
    line.sku AS sku,
    line.name AS name,
    line.category AS category,
    line.quantity AS quantity,
    line.amount AS amount,
    exp(spread.centre) AS typical,
    0.6745 * (log(line.amount) - spread.centre) / spread.deviation AS score
FROM
(
    SELECT *, toFloat64(unit_price) * quantity * rate AS amount
    FROM {analytics}.order_lines
    WHERE verdict = 'counted' AND NOT bot AND unit_price > 0
) AS line
INNER JOIN
(
    SELECT store, category, any(median_log) AS centre, medianExact(abs(log(amount) - median_log)) AS deviation
    FROM
    (
        SELECT store, category, amount, medianExact(log(amount)) OVER (PARTITION BY store, category) AS median_log
        FROM
        (
            SELECT store, category, toFloat64(unit_price) * quantity * rate AS amount
            FROM {analytics}.order_lines
            WHERE verdict = 'counted' AND NOT bot AND unit_price > 0
        )
    )
    GROUP BY store, category
    HAVING count() >= 20 AND deviation > 0
) AS spread ON spread.store = line.store AND spread.category = line.category
WHERE abs(0.6745 * (log(line.amount) - spread.centre) / spread.deviation) > 3.5;

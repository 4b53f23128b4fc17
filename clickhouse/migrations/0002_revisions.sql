-- What happened to a pane after it had settled (stream/contract/measures.ts): so many records, and what they did to net sales.

ALTER TABLE {db}.panes
    ADD COLUMN IF NOT EXISTS revisions UInt32 AFTER cancel_shipping,
    ADD COLUMN IF NOT EXISTS revised_sales Int64 AFTER revisions;

package tidemark.peer;

/** What a pane counts, in the order of stream/contract/measures.ts. Money in ten-thousandths. */
enum Measure {
    sessions,
    converted,
    carts,
    carts_converted,
    checkouts,
    checkouts_converted,
    page_views,
    product_views,
    payment_failures,
    orders,
    units,
    gross,
    discount,
    tax,
    shipping,
    refunds,
    refund_goods,
    refund_tax,
    refund_shipping,
    cancellations,
    cancel_goods,
    cancel_tax,
    cancel_shipping;

    static final int COUNT = values().length;
}

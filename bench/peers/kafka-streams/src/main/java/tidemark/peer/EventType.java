package tidemark.peer;

/** The types of event; each is a schema of the same name. */
enum EventType {
    session_started,
    page_viewed,
    product_viewed,
    cart_changed,
    checkout_started,
    payment_failed,
    order_placed,
    order_cancelled,
    order_refunded,
    stock_changed,
    customer_updated,
    product_updated,
    fx_fixed;

    /** What people do in a shop; the others are notes that are counted and fold into nothing. */
    boolean ofSession() {
        return compareTo(order_refunded) <= 0;
    }

    /** About an order: it may come without a session. */
    boolean ofOrder() {
        return this == order_placed || this == order_cancelled || this == order_refunded;
    }
}

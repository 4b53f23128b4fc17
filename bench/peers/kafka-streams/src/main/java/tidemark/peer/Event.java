package tidemark.peer;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.utils.Bytes;

/** A decoded event, read by position, and what can be said of it alone (stream/core/screen.ts). */
record Event(EventType type, GenericRecord fields) {
    private static final long EARLIEST = 946_684_800_000L; // 2000
    private static final long LATEST = 4_102_444_800_000L; // 2100
    private static final long FUTURE_MS = 60_000;
    private static final long GREATEST_AMOUNT = 1_000_000_000_000_000L;

    Utf8 id() { return text(0); }
    long occurredAt() { return number(1); }
    Utf8 store() { return text(2); }
    Utf8 sessionId() { return text(3); }
    Long sessionStartedAt() { return (Long) fields.get(4); }
    Utf8 channel() { return text(5); }
    Utf8 country() { return text(6); }
    Utf8 device() { return text(7); }
    Utf8 segment() { return text(8); }
    Utf8 userAgent() { return text(9); }
    boolean test() { return (Boolean) fields.get(10); }

    // product_viewed
    Utf8 category() { return text(11); }

    // order_placed, order_cancelled, order_refunded
    Utf8 orderId() { return text(11); }
    long placedAt() { return number(12); }
    Utf8 currency() { return text(13); }
    /** What was taken off; an order's discount. */
    long goods() { return number(14); }
    long discount() { return number(14); }
    long tax() { return number(15); }
    long shipping() { return number(16); }
    Utf8 refundId() { return text(17); }
    @SuppressWarnings("unchecked")
    List<GenericRecord> lines() { return (List<GenericRecord>) fields.get(17); }

    static Utf8 category(GenericRecord line) { return (Utf8) line.get(0); }
    static int quantity(GenericRecord line) { return (Integer) line.get(1); }
    static long amount(GenericRecord line) { return Math.multiplyExact((Long) line.get(2), (long) quantity(line)); }

    boolean namesNoOrder() { return type == EventType.order_refunded && orderId() == null; }

    /** Does it belong to a session that a collector set, and not to an order or a refund alone? */
    boolean hasSession() { return sessionId() != null && !namesNoOrder(); }

    long startedAt() { return hasSession() ? sessionStartedAt() : placedAt(); }

    /** Start, kind and id; the start comes first, so that sessions of a time lie together. */
    Bytes sessionKey() {
        Utf8 id = namesNoOrder() ? refundId() : sessionId() != null ? sessionId() : orderId();
        char kind = namesNoOrder() ? 'r' : sessionId() != null ? 's' : 'o';
        ByteBuffer key = ByteBuffer.allocate(9 + id.getByteLength());
        key.putLong(startedAt()).put((byte) kind).put(id.getBytes(), 0, id.getByteLength());
        return Bytes.wrap(key.array());
    }

    boolean isUsable(long timestamp, Set<Utf8> stores) {
        if (isEmpty(id()) || !stores.contains(store())) return false;
        if ((sessionId() == null) != (sessionStartedAt() == null) || isEmpty(sessionId())) return false;
        if (!isTime(occurredAt(), timestamp)) return false;
        if (sessionStartedAt() != null && !isTime(sessionStartedAt(), timestamp)) return false;
        if (type.ofOrder()) return isTime(placedAt(), timestamp) && isOrderUsable();
        return !type.ofSession() || sessionId() != null;
    }

    private boolean isOrderUsable() {
        if (isEmpty(orderId()) || !isAmount(tax()) || !isAmount(shipping()) || !isCurrency(currency())) return false;
        if (type != EventType.order_placed) return isAmount(goods()) && !(type == EventType.order_refunded && isEmpty(refundId()));
        try {
            long sum = 0;
            for (GenericRecord line : lines()) {
                if ((Long) line.get(2) < 0 || quantity(line) <= 0) return false;
                sum = Math.addExact(sum, amount(line));
            }
            return isAmount(sum) && isAmount(discount()) && sum >= discount();
        } catch (ArithmeticException overflow) {
            return false;
        }
    }

    private static boolean isTime(long time, long timestamp) {
        return time >= EARLIEST && time <= LATEST && time <= timestamp + FUTURE_MS;
    }

    private static boolean isAmount(long amount) { return amount >= 0 && amount <= GREATEST_AMOUNT; }

    private static boolean isEmpty(Utf8 text) { return text != null && text.getByteLength() == 0; }

    private static boolean isCurrency(Utf8 code) {
        if (code.getByteLength() != 3) return false;
        for (int i = 0; i < 3; i++) if (code.getBytes()[i] < 'A' || code.getBytes()[i] > 'Z') return false;
        return true;
    }

    private Utf8 text(int position) { return (Utf8) fields.get(position); }
    private long number(int position) { return (Long) fields.get(position); }
}

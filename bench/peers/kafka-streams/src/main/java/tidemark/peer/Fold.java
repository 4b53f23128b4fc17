package tidemark.peer;

import static tidemark.peer.Session.CART;
import static tidemark.peer.Session.CHECKOUT;
import static tidemark.peer.Session.ORDERED;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import tidemark.peer.Tally.Verdict;

/** The fold of one source partition: events in, panes out (stream/core/partition-fold.ts, decide.ts, apply.ts). */
final class Fold implements Processor<byte[], byte[], byte[], byte[]> {
    static final String SESSIONS = "sessions";
    static final String PANES = "panes";
    private static final Duration PUBLISH = Duration.ofMillis(250);
    private static final long PUBLISHED_MS = 48 * 3_600_000L;
    private static final long DECODED_MS = 4 * 3_600_000L;
    private static final long SWEEP_MS = 600_000;

    private static final Utf8 NO_ORDER = new Utf8("");

    /** What a session is cut by: the series that it counts into. */
    private record Profile(String store, boolean bot, Panes.Series[] series) {}

    private final Set<Utf8> stores;
    private final Tally tally;
    private final EventDecoder decoder = new EventDecoder();
    private final Clean clean = new Clean();
    private final Map<ByteBuffer, Profile> profiles = new HashMap<>();
    private final Delta atStart = new Delta();
    private final Delta atEvent = new Delta();
    private final Map<String, Delta> byCategory = new HashMap<>();

    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> sessions;
    private Panes panes;
    private byte[] outputKey;
    private boolean resumed;
    private long unforwarded;
    private long latest;
    private long swept;

    Fold(Set<Utf8> stores, Tally tally) {
        this.stores = stores;
        this.tally = tally;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        sessions = context.getStateStore(SESSIONS);
        panes = new Panes(context.getStateStore(PANES));
        outputKey = Integer.toString(context.taskId().partition()).getBytes(StandardCharsets.US_ASCII);
        context.schedule(PUBLISH, PunctuationType.WALL_CLOCK_TIME, this::publish);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        tally.begun();
        resume();
        Verdict verdict = fold(record);
        unforwarded++;
        tally.ended(verdict);
    }

    /** Once, before anything else: the store is filled only after {@link #init}. */
    private void resume() {
        if (resumed) return;
        resumed = true;
        panes.resume(context.currentSystemTimeMs() - PUBLISHED_MS);
    }

    private void publish(long now) {
        resume();
        for (byte[] message : panes.takeChanged()) context.forward(new Record<>(outputKey, message, now));
        tally.forwarded(unforwarded);
        unforwarded = 0;
        if (latest < swept + SWEEP_MS) return;
        swept = latest;
        panes.forget(latest - DECODED_MS);
    }

    private Verdict fold(Record<byte[], byte[]> record) {
        Event event = decoder.decode(record.value());
        if (event == null || !event.isUsable(record.timestamp(), stores)) return Verdict.DEAD;
        latest = Math.max(latest, event.occurredAt());
        if (event.test()) return Verdict.FILTERED;
        if (!event.type().ofSession()) return Verdict.COUNTED;

        Bytes key = event.sessionKey();
        byte[] stored = sessions.get(key);
        Session session = stored == null ? Session.begin(profileBytes(event)) : new Session(stored);
        Verdict verdict = decide(event, session);
        if (verdict == Verdict.DUPLICATE) return verdict;
        sessions.put(key, session.toBytes());

        Profile profile = profile(session.profile());
        fold(event, profile, record.timestamp() - PUBLISHED_MS);
        return profile.bot ? Verdict.FILTERED : verdict;
    }

    /** Puts the event's facts into the session, and its effects into the deltas. */
    private Verdict decide(Event event, Session session) {
        long id = Session.hash('e', event.id());
        if (session.saw(id)) return Verdict.DUPLICATE;
        atStart.clear();
        atEvent.clear();
        byCategory.clear();
        boolean isNew = session.isNew();
        Verdict verdict = Verdict.COUNTED;
        switch (event.type()) {
            case page_viewed -> atEvent.add(Measure.page_views, 1);
            case payment_failed -> atEvent.add(Measure.payment_failures, 1);
            case product_viewed -> {
                atEvent.add(Measure.product_views, 1);
                byCategory.put(clean.category(event.category()), atEvent);
            }
            case cart_changed -> firstTime(session, CART, Measure.carts, Measure.carts_converted);
            case checkout_started -> firstTime(session, CHECKOUT, Measure.checkouts, Measure.checkouts_converted);
            case order_placed -> verdict = placed(event, session);
            case order_cancelled, order_refunded -> verdict = taken(event, session);
            default -> {}
        }
        if (verdict == Verdict.DUPLICATE) return verdict;
        session.add(id, flagOf(event.type()));
        if (isNew && event.hasSession()) atStart.add(Measure.sessions, 1);
        return verdict;
    }

    private static int flagOf(EventType type) {
        return switch (type) {
            case order_placed -> ORDERED;
            case cart_changed -> CART;
            case checkout_started -> CHECKOUT;
            default -> 0;
        };
    }

    /** A cart or a checkout counts once a session; if the session has ordered already, as converted too. */
    private void firstTime(Session session, int flag, Measure measure, Measure converted) {
        if (session.has(flag)) return;
        atStart.add(measure, 1);
        if (session.has(ORDERED)) atStart.add(converted, 1);
    }

    private Verdict placed(Event event, Session session) {
        long orderId = Session.hash('o', event.orderId());
        if (session.saw(orderId)) return Verdict.DUPLICATE;
        session.add(orderId, 0);
        if (event.hasSession() && !session.has(ORDERED)) {
            atStart.add(Measure.converted, 1);
            if (session.has(CART)) atStart.add(Measure.carts_converted, 1);
            if (session.has(CHECKOUT)) atStart.add(Measure.checkouts_converted, 1);
        }
        long units = 0;
        long gross = 0;
        for (GenericRecord line : event.lines()) {
            units += Event.quantity(line);
            gross += Event.amount(line);
        }
        if (gross - event.discount() + event.tax() + event.shipping() == 0) return Verdict.FILTERED;
        atEvent.add(Measure.orders, 1).add(Measure.units, units).add(Measure.gross, gross);
        atEvent.add(Measure.discount, event.discount()).add(Measure.tax, event.tax()).add(Measure.shipping, event.shipping());
        addCategories(event);
        return Verdict.COUNTED;
    }

    /** An order counts once in each of its categories. */
    private void addCategories(Event event) {
        for (GenericRecord line : event.lines()) {
            String category = clean.category(Event.category(line));
            Delta known = byCategory.get(category);
            if (known == null) byCategory.put(category, known = new Delta().add(Measure.orders, 1));
            known.merge(Measure.units, Event.quantity(line)).merge(Measure.gross, Event.amount(line));
        }
    }

    private Verdict taken(Event event, Session session) {
        boolean refund = event.type() == EventType.order_refunded;
        Utf8 order = event.orderId() == null ? NO_ORDER : event.orderId();
        long id = Session.hash(refund ? 'r' : 'c', order);
        if (refund) id = Session.hash(id, event.refundId());
        if (session.saw(id)) return Verdict.DUPLICATE;
        session.add(id, 0);
        atEvent.add(refund ? Measure.refunds : Measure.cancellations, 1)
                .add(refund ? Measure.refund_goods : Measure.cancel_goods, event.goods())
                .add(refund ? Measure.refund_tax : Measure.cancel_tax, event.tax())
                .add(refund ? Measure.refund_shipping : Measure.cancel_shipping, event.shipping());
        return Verdict.COUNTED;
    }

    /** The deltas into the panes. Panes that begin before `publishedFrom` are stored, and not published. */
    private void fold(Event event, Profile profile, long publishedFrom) {
        long start = event.startedAt();
        long time = event.occurredAt();
        boolean same = Math.floorDiv(start, Panes.WIDTH_MS) == Math.floorDiv(time, Panes.WIDTH_MS);
        for (Panes.Series series : profile.series) {
            if (same) {
                if (!atEvent.isEmpty() || !atStart.isEmpty()) panes.add(series, time, atEvent, atStart, publishedFrom);
                continue;
            }
            if (!atEvent.isEmpty()) panes.add(series, time, atEvent, null, publishedFrom);
            if (!atStart.isEmpty()) panes.add(series, start, atStart, null, publishedFrom);
        }
        if (profile.bot) return;
        byCategory.forEach((category, delta) ->
                panes.add(panes.series(profile.store, "category", category), time, delta, null, publishedFrom));
    }

    /** Whether it is a bot, and the cleaned words, in the order that {@link #profile} reads them. */
    private byte[] profileBytes(Event event) {
        String words = String.join("\n", clean.bot(event.userAgent()) ? "bot" : "", event.store(), clean.term(event.channel()),
                clean.country(event.country()), clean.term(event.device()), clean.segment(event.segment()));
        return words.getBytes(StandardCharsets.UTF_8);
    }

    private Profile profile(ByteBuffer bytes) {
        Profile known = profiles.get(bytes);
        if (known != null) return known;
        if (profiles.size() >= 20_000) profiles.clear();
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        String[] words = new String(copy, StandardCharsets.UTF_8).split("\n", -1);
        boolean bot = words[0].equals("bot");
        String store = words[1];
        Panes.Series[] series = bot
                ? new Panes.Series[] {panes.series(store, "bot", "all")}
                : new Panes.Series[] {
                    panes.series(store, "total", "all"),
                    panes.series(store, "channel", words[2]),
                    panes.series(store, "country", words[3]),
                    panes.series(store, "device", words[4]),
                    panes.series(store, "segment", words[5]),
                    panes.series(store, "channel_country", words[2] + "|" + words[3]),
                };
        Profile made = new Profile(store, bot, series);
        profiles.put(ByteBuffer.wrap(copy), made);
        return made;
    }
}

package tidemark.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The panes of a task: 60 s of a series, a series being (store, dimension, value). Every change is written to the store at
 * once; the panes of the last hours are also kept decoded, so that a change needs no reading. The task is the store's only writer.
 */
final class Panes {
    static final long WIDTH_MS = 60_000;
    private static final int FLUSH_BYTES = 512 * 1024;

    static final class Series {
        private final byte[] name;
        private final Map<Long, Pane> panes = new HashMap<>();

        private Series(byte[] name) { this.name = name; }
    }

    private static final class Pane {
        final Bytes key;
        final long[] sums;
        byte[] stored;
        boolean changed;

        Pane(Bytes key, byte[] stored) {
            this.key = key;
            this.stored = stored;
            sums = stored == null ? new long[Measure.COUNT] : decode(stored);
        }
    }

    private final KeyValueStore<Bytes, byte[]> store;
    private final Map<String, Series> series = new HashMap<>();
    private final List<Pane> changed = new ArrayList<>();
    private final byte[] scratch = new byte[4 + 10 * Measure.COUNT];

    Panes(KeyValueStore<Bytes, byte[]> store) { this.store = store; }

    Series series(String shop, String dimension, String value) {
        return named(dimension + '\n' + shop + '\n' + value);
    }

    private Series named(String name) {
        return series.computeIfAbsent(name, text -> new Series(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Adds one or two deltas to the pane of a time, and writes it; panes that begin before `publishedFrom` are not published. */
    void add(Series of, long time, Delta first, Delta second, long publishedFrom) {
        long start = Math.floorDiv(time, WIDTH_MS) * 60;
        Pane pane = of.panes.get(start);
        if (pane == null) of.panes.put(start, pane = load(of, start));
        first.addTo(pane.sums);
        if (second != null) second.addTo(pane.sums);
        pane.stored = encode(pane.sums);
        store.put(pane.key, pane.stored);
        if (start * 1000 >= publishedFrom && !pane.changed) {
            pane.changed = true;
            changed.add(pane);
        }
    }

    /** The panes that changed since the last call, as messages of (key length, key, value length, value)… */
    List<byte[]> takeChanged() {
        List<byte[]> messages = new ArrayList<>();
        ByteBuffer message = ByteBuffer.allocate(FLUSH_BYTES);
        for (Pane pane : changed) {
            pane.changed = false;
            byte[] key = pane.key.get();
            if (message.remaining() < key.length + pane.stored.length + 4) {
                messages.add(Arrays.copyOf(message.array(), message.position()));
                message.clear();
            }
            message.putShort((short) key.length).put(key).putShort((short) pane.stored.length).put(pane.stored);
        }
        if (message.position() > 0) messages.add(Arrays.copyOf(message.array(), message.position()));
        changed.clear();
        return messages;
    }

    /**
     * Everything in the store that begins at a time or later counts as changed: whoever had the store before may have stored it and
     * not published it.
     */
    void resume(long from) {
        Bytes first = Bytes.wrap(ByteBuffer.allocate(4).putInt((int) (from / 1000)).array());
        try (KeyValueIterator<Bytes, byte[]> stored = store.range(first, null)) {
            while (stored.hasNext()) {
                KeyValue<Bytes, byte[]> row = stored.next();
                Pane pane = new Pane(row.key, row.value);
                pane.changed = true;
                changed.add(pane);
                named(nameOf(row.key)).panes.put((long) ByteBuffer.wrap(row.key.get()).getInt(), pane);
            }
        }
    }

    /** Forgets the decoded form of panes that begin before a time; the store keeps them. */
    void forget(long before) {
        for (Series one : series.values())
            one.panes.entrySet().removeIf(entry -> entry.getKey() * 1000 < before && !entry.getValue().changed);
    }

    private Pane load(Series of, long start) {
        byte[] name = of.name;
        Bytes key = Bytes.wrap(ByteBuffer.allocate(4 + name.length).putInt((int) start).put(name).array());
        return new Pane(key, store.get(key));
    }

    /** Which measures are not 0, one bit each, and those as varints. */
    private byte[] encode(long[] sums) {
        int bits = 0;
        int at = 4;
        for (int i = 0; i < sums.length; i++) {
            long rest = sums[i];
            if (rest == 0) continue;
            bits |= 1 << i;
            for (; (rest & ~0x7FL) != 0; rest >>>= 7) scratch[at++] = (byte) (rest | 0x80);
            scratch[at++] = (byte) rest;
        }
        ByteBuffer.wrap(scratch).putInt(bits);
        return Arrays.copyOf(scratch, at);
    }

    static long[] decode(byte[] stored) {
        long[] sums = new long[Measure.COUNT];
        int bits = ByteBuffer.wrap(stored).getInt();
        int at = 4;
        for (int i = 0; i < sums.length; i++) {
            if ((bits & 1 << i) == 0) continue;
            for (int shift = 0; ; shift += 7) {
                byte next = stored[at++];
                sums[i] |= (next & 0x7FL) << shift;
                if (next >= 0) break;
            }
        }
        return sums;
    }

    /** Is it the key of a pane of this dimension? */
    static boolean isOf(String dimension, Bytes key) {
        return nameOf(key).startsWith(dimension + '\n');
    }

    private static String nameOf(Bytes key) {
        return new String(key.get(), 4, key.get().length - 4, StandardCharsets.UTF_8);
    }
}

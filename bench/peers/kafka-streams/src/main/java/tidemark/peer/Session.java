package tidemark.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.avro.util.Utf8;

/**
 * The state of a session, as it is stored and without decoding it: flags, length of the profile, profile, and 8 bytes of hash
 * for each id that was seen (of events, of orders, of what was taken off them). Adding an id is a copy of the bytes.
 */
final class Session {
    static final int ORDERED = 1;
    static final int CART = 2;
    static final int CHECKOUT = 4;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int PROFILE_AT = 3;

    private byte[] bytes;
    private final int idsAt;
    private int length;

    /** As stored. */
    Session(byte[] stored) {
        bytes = stored;
        length = stored.length;
        idsAt = PROFILE_AT + ((stored[1] & 0xFF) << 8 | stored[2] & 0xFF);
    }

    /** A new one, by its first record. */
    static Session begin(byte[] profile) {
        byte[] bytes = new byte[PROFILE_AT + profile.length];
        bytes[1] = (byte) (profile.length >> 8);
        bytes[2] = (byte) profile.length;
        System.arraycopy(profile, 0, bytes, PROFILE_AT, profile.length);
        return new Session(bytes);
    }

    ByteBuffer profile() { return ByteBuffer.wrap(bytes, PROFILE_AT, idsAt - PROFILE_AT); }

    /** Nothing was seen yet. */
    boolean isNew() { return length == idsAt; }

    boolean has(int flag) { return (bytes[0] & flag) != 0; }

    boolean saw(long id) {
        for (int at = idsAt; at < length; at += Long.BYTES) if ((long) LONG.get(bytes, at) == id) return true;
        return false;
    }

    /** Adds an id and a flag (0: none). What is stored is never changed: it may be on its way to the changelog. */
    void add(long id, int flag) {
        bytes = Arrays.copyOf(bytes, length + Long.BYTES);
        LONG.set(bytes, length, id);
        length += Long.BYTES;
        bytes[0] |= (byte) flag;
    }

    byte[] toBytes() { return bytes; }

    /** 64 bits of FNV-1a, mixed once more; kinds keep ids of different things apart. */
    static long hash(char kind, Utf8 id) { return hash(0xcbf29ce484222325L ^ kind, id); }

    static long hash(long seed, Utf8 id) {
        long hash = seed * 0x100000001b3L;
        byte[] text = id.getBytes();
        for (int i = 0; i < id.getByteLength(); i++) hash = (hash ^ (text[i] & 0xFF)) * 0x100000001b3L;
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        return hash ^ (hash >>> 33);
    }
}

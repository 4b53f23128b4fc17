package tidemark.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;

/**
 * Reads the Avro single-object encoding: C3 01, 8 bytes of fingerprint (little-endian), body. Only what the fold needs is
 * read; the rest is skipped, by projection. One decoder a task: it uses its objects again for the next record.
 */
final class EventDecoder {
    private static final int HEADER_BYTES = 10;
    private static final int MAX_EVENT_BYTES = 1024 * 1024;

    private static final List<String> COMMON = List.of(
            "event_id", "occurred_at", "store", "session_id", "session_started_at",
            "channel", "country", "device", "segment", "user_agent", "test");
    private static final List<String> LINE = List.of("category", "quantity", "unit_price");

    private record Writer(EventType type, DatumReader<GenericRecord> reader, GenericRecord reused) {}

    private final Map<Long, Writer> writers = new HashMap<>();
    private BinaryDecoder decoder;

    EventDecoder() {
        GenericData data = new GenericData();
        data.setFastReaderEnabled(true);
        for (EventType type : EventType.values()) {
            Schema written = load(type);
            Schema read = projection(written, fieldsOf(type));
            @SuppressWarnings("unchecked")
            DatumReader<GenericRecord> reader = data.createDatumReader(written, read);
            long fingerprint = SchemaNormalization.parsingFingerprint64(written);
            writers.put(fingerprint, new Writer(type, reader, new GenericData.Record(read)));
        }
    }

    /** null: not an event that can be read. The event is good until the next call. */
    Event decode(byte[] bytes) {
        if (bytes == null || bytes.length < HEADER_BYTES || bytes.length > MAX_EVENT_BYTES) return null;
        if (bytes[0] != (byte) 0xC3 || bytes[1] != 0x01) return null;
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
        Writer writer = writers.get(fingerprint);
        if (writer == null) return null;
        try {
            decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, decoder);
            GenericRecord read = writer.reader.read(writer.reused, decoder);
            return decoder.isEnd() ? new Event(writer.type, read) : null;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException unreadable) {
            return null;
        }
    }

    /** The fields of a type, in the order of the positions in {@link Event}. */
    private static List<String> fieldsOf(EventType type) {
        List<String> fields = new ArrayList<>(COMMON);
        switch (type) {
            case product_viewed -> fields.add("category");
            case order_placed ->
                fields.addAll(List.of("order_id", "placed_at", "currency", "discount", "tax", "shipping", "lines"));
            case order_cancelled ->
                fields.addAll(List.of("order_id", "placed_at", "currency", "goods", "tax", "shipping"));
            case order_refunded ->
                fields.addAll(List.of("order_id", "placed_at", "currency", "goods", "tax", "shipping", "refund_id"));
            default -> {}
        }
        return fields;
    }

    private static Schema projection(Schema written, List<String> names) {
        List<Schema.Field> fields = new ArrayList<>();
        for (String name : names) {
            Schema schema = written.getField(name).schema();
            if (name.equals("lines")) schema = Schema.createArray(projection(schema.getElementType(), LINE));
            fields.add(new Schema.Field(name, schema));
        }
        return Schema.createRecord(written.getName(), null, written.getNamespace(), false, fields);
    }

    private static Schema load(EventType type) {
        try (InputStream in = EventDecoder.class.getResourceAsStream("/schemas/" + type + ".avsc")) {
            return new Schema.Parser().parse(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

package tidemark.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.avro.util.Utf8;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import tidemark.peer.Tally.Verdict;

/** Folds the first N records of the events topic, from the start, and prints one JSON line of what was measured. */
public final class Main {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String USAGE = """
            usage: tidemark.peer.Main --brokers HOST:PORT --records N [--topic shop.events] [--output peer.panes] [--threads 1]
              [--changelog on|off] [--store memory|rocksdb] [--guarantee at_least_once|exactly_once_v2]
              [--commit-ms 1000] [--cache-mb 0] [--stores shop,online-retail]
              [--set any.kafka.streams.setting=value,…]
            """;

    private final Map<String, String> options;
    private final String application = "tidemark-peer-" + UUID.randomUUID();
    private final Tally tally;
    private volatile Throwable failure;

    private Main(Map<String, String> options) {
        this.options = options;
        tally = new Tally(Long.parseLong(options.get("records")));
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of(
                "topic", "shop.events", "output", "peer.panes", "threads", "1", "changelog", "on", "store", "memory",
                "guarantee", StreamsConfig.AT_LEAST_ONCE, "commit-ms", "1000", "cache-mb", "0",
                "stores", "shop,online-retail"));
        options.put("set", "");
        Set<String> known = new HashSet<>(options.keySet());
        known.addAll(List.of("brokers", "records"));
        for (int i = 0; i + 1 < args.length; i += 2) options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        if (args.length % 2 != 0 || !options.keySet().equals(known)) {
            System.err.print(USAGE);
            System.exit(2);
        }
        System.exit(new Main(options).run());
    }

    private int run() throws Exception {
        Path state = Files.createTempDirectory("tidemark-peer-");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.get("brokers")))) {
            if (!admin.listTopics().names().get().contains(options.get("output")))
                admin.createTopics(List.of(new NewTopic(options.get("output"), 1, (short) -1))).all().get();
            try (KafkaStreams streams = new KafkaStreams(topology(), settings(state))) {
                streams.setUncaughtExceptionHandler(error -> {
                    failure = error;
                    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
                });
                streams.start();
                String problem = awaitRecords();
                if (problem == null) System.out.println(report(streams));
                else System.err.println(problem);
                streams.close(Duration.ofSeconds(30));
                return problem == null ? 0 : 1;
            } finally {
                List<String> own = new ArrayList<>(admin.listTopics().names().get());
                own.removeIf(topic -> !topic.startsWith(application));
                admin.deleteTopics(own).all().get();
            }
        } finally {
            delete(state);
        }
    }

    private Topology topology() {
        Set<Utf8> stores = new HashSet<>();
        for (String store : options.get("stores").split(",")) stores.add(new Utf8(store));
        return new Topology()
                .addSource("events", new ByteArrayDeserializer(), new ByteArrayDeserializer(), options.get("topic"))
                .addProcessor("fold", () -> new Fold(stores, tally), "events")
                .addStateStore(store(Fold.SESSIONS), "fold")
                .addStateStore(store(Fold.PANES), "fold")
                .addSink("panes", options.get("output"), new ByteArraySerializer(), new ByteArraySerializer(), "fold");
    }

    private StoreBuilder<KeyValueStore<Bytes, byte[]>> store(String name) {
        KeyValueBytesStoreSupplier supplier = oneOf("store", "memory", "rocksdb").equals("memory")
                ? Stores.inMemoryKeyValueStore(name)
                : Stores.persistentKeyValueStore(name);
        StoreBuilder<KeyValueStore<Bytes, byte[]>> builder =
                Stores.keyValueStoreBuilder(supplier, Serdes.Bytes(), Serdes.ByteArray());
        builder = options.get("cache-mb").equals("0") ? builder.withCachingDisabled() : builder.withCachingEnabled();
        return oneOf("changelog", "on", "off").equals("on")
                ? builder.withLoggingEnabled(Map.of())
                : builder.withLoggingDisabled();
    }

    private Properties settings(Path state) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.get("brokers"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.get("threads"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, options.get("guarantee"));
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.get("commit-ms"));
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, Long.parseLong(options.get("cache-mb")) << 20);
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 * 1024);
        for (String setting : options.get("set").split(","))
            if (!setting.isEmpty()) settings.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        return settings;
    }

    /** null: all were folded and their panes forwarded. */
    private String awaitRecords() throws InterruptedException {
        long before = -1;
        long since = System.nanoTime();
        while (!tally.isDone()) {
            Thread.sleep(20);
            if (failure != null) return "failed after " + tally.consumed() + " records: " + failure;
            if (tally.consumed() != before) {
                before = tally.consumed();
                since = System.nanoTime();
            } else if (System.nanoTime() - since > PATIENCE.toNanos())
                return "no progress for " + PATIENCE.toSeconds() + " s after " + before + " records";
        }
        return null;
    }

    private String report(KafkaStreams streams) throws IOException {
        long[] sums = new long[Measure.COUNT];
        long panes = 0;
        ReadOnlyKeyValueStore<Bytes, byte[]> stored = streams.store(
                StoreQueryParameters.fromNameAndType(Fold.PANES, QueryableStoreTypes.keyValueStore()));
        try (KeyValueIterator<Bytes, byte[]> all = stored.all()) {
            for (; all.hasNext(); panes++) {
                KeyValue<Bytes, byte[]> pane = all.next();
                if (!Panes.isOf("total", pane.key)) continue;
                long[] amounts = Panes.decode(pane.value);
                for (int i = 0; i < sums.length; i++) sums[i] += amounts[i];
            }
        }
        double sent = streams.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("record-send-total")
                        && metric.metricName().group().equals("producer-metrics"))
                .mapToDouble(metric -> (Double) metric.metricValue())
                .sum();
        return String.format(Locale.ROOT,
                "{\"peer\":\"kafka-streams\",\"version\":\"%s\",\"threads\":%s,\"store\":\"%s\",\"changelog\":\"%s\","
                        + "\"guarantee\":\"%s\",\"commitMs\":%s,\"cacheMb\":%s,\"records\":%s,\"counted\":%d,\"duplicate\":%d,"
                        + "\"filtered\":%d,\"dead\":%d,\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"maxRssMb\":%d,\"sent\":%.0f,"
                        + "\"panes\":%d,\"orders\":%d,\"gross\":%d,\"sessions\":%d}",
                AppInfoParser.getVersion(), options.get("threads"), options.get("store"), options.get("changelog"),
                options.get("guarantee"), options.get("commit-ms"), options.get("cache-mb"), options.get("records"),
                tally.of(Verdict.COUNTED), tally.of(Verdict.DUPLICATE), tally.of(Verdict.FILTERED), tally.of(Verdict.DEAD),
                tally.seconds(), tally.cpuSeconds(), maxRssMb(), sent, panes, sums[Measure.orders.ordinal()],
                sums[Measure.gross.ordinal()], sums[Measure.sessions.ordinal()]);
    }

    /** The most memory that this process has held, as Linux knows it; 0 elsewhere. */
    private static long maxRssMb() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        }
    }

    private String oneOf(String option, String one, String other) {
        String value = options.get(option);
        if (value.equals(one) || value.equals(other)) return value;
        throw new IllegalArgumentException("--" + option + " is " + one + " or " + other + ", not " + value);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}

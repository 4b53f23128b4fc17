package tidemark.peer;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** How records ended, of all tasks, and the clocks at the first and at the last of them. */
final class Tally {
    enum Verdict { COUNTED, DUPLICATE, FILTERED, DEAD }

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final long records;
    private final AtomicLong consumed = new AtomicLong();
    private final AtomicLong forwarded = new AtomicLong();
    private final AtomicLongArray verdicts = new AtomicLongArray(Verdict.values().length);
    private volatile long firstNanos, firstCpu, lastNanos, lastCpu;

    Tally(long records) { this.records = records; }

    /** A record is about to be folded. */
    void begun() {
        if (firstNanos == 0) start();
    }

    private synchronized void start() {
        if (firstNanos != 0) return;
        firstCpu = SYSTEM.getProcessCpuTime();
        firstNanos = System.nanoTime();
    }

    void ended(Verdict verdict) {
        verdicts.incrementAndGet(verdict.ordinal());
        if (consumed.incrementAndGet() != records) return;
        lastNanos = System.nanoTime();
        lastCpu = SYSTEM.getProcessCpuTime();
    }

    /** The panes of so many more records were forwarded. */
    void forwarded(long more) { forwarded.addAndGet(more); }

    long consumed() { return consumed.get(); }

    boolean isDone() { return forwarded.get() >= records; }

    long of(Verdict verdict) { return verdicts.get(verdict.ordinal()); }

    double seconds() { return (lastNanos - firstNanos) / 1e9; }

    double cpuSeconds() { return (lastCpu - firstCpu) / 1e9; }
}

package tidemark.peer;

/** What an event adds to a pane: measure and amount in turn. Used again for the next event. */
final class Delta {
    private final int[] measures = new int[8];
    private final long[] amounts = new long[8];
    private int size;

    Delta add(Measure measure, long amount) {
        measures[size] = measure.ordinal();
        amounts[size++] = amount;
        return this;
    }

    /** Adds to the amount of a measure that may be there already. */
    Delta merge(Measure measure, long amount) {
        for (int i = 0; i < size; i++) {
            if (measures[i] != measure.ordinal()) continue;
            amounts[i] += amount;
            return this;
        }
        return add(measure, amount);
    }

    void clear() { size = 0; }

    boolean isEmpty() { return size == 0; }

    void addTo(long[] sums) {
        for (int i = 0; i < size; i++) sums[measures[i]] += amounts[i];
    }
}

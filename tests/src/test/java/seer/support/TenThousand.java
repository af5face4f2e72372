package seer.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/// Ten thousand broken copies of the files of one format: none may end in an error that is not Seer's own, take long,
/// or need more heap than the JVM has, which is a gibibyte. What came of them is kept in docs/results.md.
public final class TenThousand {
    public static final int COPIES = 10_000;
    private static final long MOST_HEAP = 1L << 30;
    private static final double MEBI = 1 << 20;

    private TenThousand() { }

    /// @param format as the table calls it
    /// @param run    answers at least so many copies
    public static void ofFormat(String format, IntFunction<Answers.Tally> run) throws IOException {
        long heap = Runtime.getRuntime().maxMemory();
        assertTrue(heap <= MOST_HEAP, "the heap may grow to " + heap + " bytes, wanted at most " + MOST_HEAP);
        pools().forEach(MemoryPoolMXBean::resetPeakUsage);
        Answers.Tally tally = run.apply(COPIES);
        double peak = pools().stream().mapToDouble(pool -> pool.getPeakUsage().getUsed()).sum() / MEBI;
        assertTrue(tally.copies() >= COPIES, tally + " of " + format);
        assertTrue(tally.refused() > COPIES / 5, tally + " of " + format);
        ResultsFile.row("broken-files", format, String.format(Locale.ROOT, "%,d | %,d | %.0f | %.0f",
                tally.copies(), tally.refused(), tally.slowest(), peak));
    }

    private static List<MemoryPoolMXBean> pools() {
        return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }
}

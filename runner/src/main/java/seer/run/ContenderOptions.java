package seer.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;
import seer.eval.Contender;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;

/// Which selectors are compared, and with what.
final class ContenderOptions {
    private static final List<String> DEFAULT = List.of("dense", "gate:density=0.3", "gate:density=0.1");

    @Option(names = "--select", paramLabel = "SELECTOR",
            description = "A selector to measure, may be given several times: " + SelectorSpec.GRAMMAR
                    + " (default: dense, gate:density=0.3 and gate:density=0.1).")
    private List<String> select = DEFAULT;

    @Option(names = "--baseline", paramLabel = "SELECTOR",
            description = "Also report each selector's difference to this one over the same prompts.")
    private String baseline;

    @Option(names = "--dense-last-rows", paramLabel = "N[,N]", split = ",", defaultValue = "0",
            description = "The last N rows of query blocks keep every block; 0,2 measures both "
                    + "(default: ${DEFAULT-VALUE}).")
    private List<Integer> denseLastRows;

    @Option(names = "--keep-first", description = "Every row keeps the first block.")
    private boolean keepFirst;

    /// Checks what can be checked without a model.
    void check() {
        for (String each : all()) {
            parse(each);
        }
        for (int rows : denseLastRows) {
            if (rows < 0) {
                throw new UsageException("--dense-last-rows is " + rows + ", wanted at least 0");
            }
        }
    }

    /// Dense attention once, every other selector for each number of dense last rows.
    List<Contender> open(Workbench bench) {
        var contenders = new ArrayList<Contender>();
        for (String each : all()) {
            if (each.equals(Contender.DENSE)) {
                contenders.add(Contender.dense());
                continue;
            }
            for (int rows : denseLastRows) {
                var selector = bench.selector(parse(each), new ForcedBlocks(rows, keepFirst));
                contenders.add(new Contender(each, selector, rows));
            }
        }
        return contenders;
    }

    /// The label that a label is compared with.
    UnaryOperator<String> baselines() {
        return label -> baseline;
    }

    private List<String> all() {
        var all = new ArrayList<>(select.stream().distinct().toList());
        if (baseline != null && !all.contains(baseline)) {
            all.addFirst(baseline);
        }
        return all;
    }

    private static SelectorSpec parse(String text) {
        try {
            return SelectorSpec.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }
}

package seer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;
import seer.eval.PathLabels;
import seer.eval.plan.ContenderSpec;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;

/// Which selectors are compared, and with what.
final class ContenderOptions {
    private static final List<String> DEFAULT = List.of("dense", "gate:density=0.3", "gate:density=0.1");

    @Option(names = "--select", paramLabel = "SELECTOR",
            completionCandidates = SelectorOptions.Grammar.class,
            description = "A selector to measure, may be given several times: ${COMPLETION-CANDIDATES} "
                    + "(default: dense, gate:density=0.3 and gate:density=0.1).")
    private List<String> select = DEFAULT;

    @Option(names = "--baseline", paramLabel = "SELECTOR",
            description = "Also report each selector's difference to this one over the same prompts.")
    private String baseline;

    @Option(names = "--compare-gate", paramLabel = "DIR",
            description = "Measure every gate selector with this adapter too and report the difference to that of "
                    + "--gate; may be given several times.")
    private List<Path> compareGates = List.of();

    @Option(names = "--dense-last-rows", paramLabel = "N", split = ",",
            defaultValue = "" + ForcedBlocks.DENSE_LAST_ROWS,
            description = "The last N rows of query blocks keep every block; 0,2 measures both "
                    + "(default: ${DEFAULT-VALUE}).")
    private List<Integer> denseLastRows;

    @Option(names = "--keep-first", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Every row keeps the first block, which many models rest on (default: on; --select gate "
                    + "does without where its thresholds were found without).")
    private boolean keepFirst;

    private final Map<String, String> others = new HashMap<>(); // label with another adapter, label with --gate's

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
        labels("--compare-gate", compareGates);
        if (!compareGates.isEmpty() && specs().stream().noneMatch(SelectorSpec::needsGate)) {
            throw new UsageException("--compare-gate where nothing uses gates, wanted a selector that does");
        }
    }

    /// Names of the adapters to compare with, which that of `--gate` does not have unless it is one of them.
    private List<String> labels(Path gate) {
        if (compareGates.stream().anyMatch(folder -> same(folder, gate))) {
            return labels("--compare-gate", compareGates);
        }
        var all = new ArrayList<>(compareGates);
        all.add(gate);
        return labels("--compare-gate with --gate", all).subList(0, compareGates.size());
    }

    private static List<String> labels(String options, List<Path> folders) {
        try {
            return PathLabels.of(options, folders);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /// What holds for all rows.
    ///
    /// @param longest tokens of the longest prompt
    Conditions conditions(Workbench bench, int longest) {
        return Conditions.ofRows(specs(bench.gateFolder()).stream().map(each -> each.open(bench.library())).toList(),
                longest);
    }

    /// What is to be compared, adapters aside.
    List<SelectorSpec> specs() {
        return all().stream().map(ContenderOptions::parse).toList();
    }

    /// Dense attention once, every other selector for each number of dense last rows and each gate.
    ///
    /// @param gate folder of the adapter that `--gate` names
    List<ContenderSpec> specs(Path gate) {
        var contenders = new ArrayList<ContenderSpec>();
        for (String each : all()) {
            var spec = parse(each);
            if (spec instanceof SelectorSpec.Dense) {
                contenders.add(ContenderSpec.dense());
                continue;
            }
            for (int rows : denseLastRows) {
                var forced = new ForcedBlocks(rows, keepFirst);
                contenders.add(ContenderSpec.of(each, spec, forced, gate));
                if (spec.needsGate()) {
                    contenders.addAll(withOtherGates(gate, each, spec, forced));
                }
            }
        }
        return contenders;
    }

    private static boolean same(Path folder, Path other) {
        try {
            return Files.isSameFile(folder, other);
        } catch (IOException _) {
            return false; // one of them is not there, which is told when it is opened
        }
    }

    private List<ContenderSpec> withOtherGates(Path gate, String selector, SelectorSpec spec, ForcedBlocks forced) {
        if (compareGates.isEmpty()) {
            return List.of();
        }
        var labels = labels(gate);
        var contenders = new ArrayList<ContenderSpec>();
        for (Path folder : compareGates) {
            String label = selector + " (" + labels.get(contenders.size()) + ")";
            others.put(label, selector);
            contenders.add(new ContenderSpec(label, spec, forced, folder));
        }
        return contenders;
    }

    /// The label that a label is compared with: the baseline, without one the same selector with the gates of
    /// `--gate`.
    UnaryOperator<String> baselines() {
        return label -> baseline != null ? baseline : others.get(label);
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

package seer.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.AttnGate;
import seer.gate.HeadLessons;
import seer.gate.HeadSearch;
import seer.gate.ThresholdSearch;
import seer.gate.prompt.PromptGenerator;
import seer.model.LanguageModel;
import seer.run.cluster.DeviceCrew;
import seer.run.cluster.LessonsJob;

/// How `seer calibrate --per worth` weighs heads against each other.
final class WorthOptions {
    private static final int KEYS = 4;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "4",
            description = "For --per worth: how often all heads are weighed; 0 only brings the adapter's own "
                    + "thresholds of heads to the density (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "24",
            description = "For --per worth: retrieval prompts hidden in the text, of the families in turn, whose "
                    + "answers count beside the text (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Mixin private TrainedFamilies families;

    @Option(names = "--aim", paramLabel = "AIM", defaultValue = "dense",
            description = "For --per worth: what a token counts by. likelihood: its own; dense: how far that is from "
                    + "what it is with dense attention, either way (default: ${DEFAULT-VALUE}).")
    private AimName aim;

    @Option(names = "--answers", paramLabel = "SHARE", defaultValue = "0.5",
            description = "For --per worth: their share of what the model is to lose least of "
                    + "(default: ${DEFAULT-VALUE}).")
    private double answers;

    @Option(names = "--together", paramLabel = "N", defaultValue = "0",
            description = "For --per worth: weigh all heads at once, in N times as many pairs of readings as there are "
                    + "heads, of one prompt each, or without prompts one text; from 2 on chance is told from what "
                    + "heads weigh; 0 weighs each by itself, with all texts and prompts (default: ${DEFAULT-VALUE}).")
    private int together;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "5001",
            description = "For --per worth: of the first prompt; the others follow (default: ${DEFAULT-VALUE}).")
    private long seed;

    private int done; // rounds of the last search

    @Spec private CommandSpec own;
    @Spec(Spec.Target.MIXEE) private CommandSpec command;

    /// What a token counts by.
    enum AimName {
        likelihood, dense;

        HeadLessons.Aim of() {
            return HeadLessons.Aim.valueOf(name().toUpperCase(Locale.ROOT));
        }
    }

    /// @param asked whether heads are weighed
    void check(boolean asked) {
        if (!asked) {
            IdleOptions.refuse(command, own.options().stream().map(OptionSpec::longestName).toList(),
                    "without --per worth, which alone weighs heads");
        }
        if (prompts == 0) {
            IdleOptions.refuse(command, List.of("--families", "--answers", "--seed"),
                    "with --prompts 0, which has no answers");
        }
        if (rounds < 0) {
            throw new UsageException("--rounds is " + rounds + ", wanted at least 0");
        }
        if (prompts < 0) {
            throw new UsageException("--prompts is " + prompts + ", wanted at least 0");
        }
        if (together < 0) {
            throw new UsageException("--together is " + together + ", wanted at least 0");
        }
        if (!(answers >= 0 && answers < 1)) {
            throw new UsageException("--answers is " + answers + ", wanted at least 0 and below 1");
        }
    }

    /// How heads were weighed.
    ObjectNode provenance() {
        var how = JsonNodeFactory.instance.objectNode().put("rounds", rounds).put("aim", aim.name());
        if (done < rounds) {
            how.put("ended_after", done);
        }
        if (together > 0) {
            how.put("together", together);
        }
        if (prompts > 0) {
            how.put("prompts", prompts).put("answers", answers).put("seed", seed);
            families.families().forEach(family ->
                    how.withArray("families").add(family.name().toLowerCase(Locale.ROOT)));
        }
        return how;
    }

    /// Thresholds of heads.
    ///
    /// @param first one for all of them
    /// @param each  told of what the search begins with, and of the best after each round
    ThresholdSearch search(Workbench bench, DeviceCrew crew, Text text, ThresholdSearch.Goal goal,
                           ThresholdSearch first, Consumer<ThresholdSearch> each, PrintWriter out) {
        AttnGate gate = bench.gate();
        LanguageModel model = bench.model();
        var generator = new PromptGenerator(model.tokenizer(), text.tokens());
        var kinds = families.families();
        var facts = IntStream.range(0, prompts).mapToObj(i -> generator.generate(kinds.get(i % kinds.size()), KEYS,
                text.length(), seed + i)).toList();
        var lessons = crew.lessons(new LessonsJob(bench.gateFolder().toString(), text.windows(), facts,
                goal, aim.of()));
        double[] begin = begin(gate, model.config().layers() * model.config().heads(), text.length(), first);
        try (var progress = Progress.of("weighing heads")) {
            var search = new HeadSearch(lessons, goal.density(), goal.fixed(gate.config().block()),
                    facts.isEmpty() ? 0 : answers, together);
            done = -1; // the first is told before a round is over
            return found(search.run(begin, rounds, progress, reading -> {
                print(reading, out);
                done++;
                each.accept(found(reading, goal, first));
            }), goal, first);
        }
    }

    private static ThresholdSearch found(HeadSearch.Reading reading, ThresholdSearch.Goal goal, ThresholdSearch first) {
        return new ThresholdSearch(goal.ofHeads(reading.logs()), reading.density(), first.passes());
    }

    /// The adapter's own thresholds of heads, to go on from; where it has none, the same for all.
    private static double[] begin(AttnGate gate, int heads, int length, ThresholdSearch first) {
        var own = gate.config().thresholds() == null ? List.<Double>of() : gate.config().thresholds().at(length);
        var begin = new double[heads];
        Arrays.setAll(begin, h -> Math.log((own.size() == heads ? own.get(h)
                : first.thresholds().values().getFirst())));
        return begin;
    }

    /// A text and its windows.
    record Text(int[] tokens, List<int[]> windows) {
        int length() {
            return windows.getFirst().length;
        }
    }

    /// Thresholds as they are printed.
    static String shown(List<Double> values) {
        return String.join(" ", values.stream().map(value -> String.format(Locale.ROOT, "%.6g", value)).toList());
    }

    private static void print(HeadSearch.Reading reading, PrintWriter out) {
        out.printf(Locale.ROOT, "text %.5f nats per token, answers %.5f, density %.4f: thresholds %s%n",
                reading.text(), reading.answers(), reading.density(),
                shown(Arrays.stream(reading.logs()).map(Math::exp).boxed().toList()));
        out.flush();
    }
}

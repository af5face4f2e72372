package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.EvalTask;
import seer.eval.Experiment;
import seer.eval.PromptFile;
import seer.eval.RetrievalTask;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;

/// Retrieval in RULER's manner.
@Command(name = "retrieval", mixinStandardHelpOptions = true,
        description = "How many hidden values are found, by family, length and selector (RULER, arXiv 2404.06654).")
final class EvalRetrievalCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private TextOptions texts;
    @Mixin private ContenderOptions contenders;
    @Mixin private OutputOptions output;
    @Spec private CommandSpec spec;

    @Option(names = "--families", paramLabel = "NAME[,NAME]", split = ",",
            defaultValue = "single,multikey,multivalue,track",
            description = "Kinds of prompts: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
            converter = FamilyConverter.class, completionCandidates = FamilyConverter.Names.class)
    private List<Family> families;

    @Option(names = "--keys", paramLabel = "N", defaultValue = "4",
            description = "Keys, values, queries, hops or words of a prompt (default: ${DEFAULT-VALUE}).")
    private int keys;

    @Option(names = "--lengths", paramLabel = "L[,L]", split = ",", defaultValue = "4096",
            description = "Tokens of a prompt, its answer included (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "24",
            description = "Prompts of each family and length (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of the first prompt; the others follow (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--score", paramLabel = "HOW", defaultValue = "forced",
            description = "forced: one forward over prompt and answer, a value counts if each of its tokens is the "
                    + "likeliest; generated: the answer is generated and searched (default: ${DEFAULT-VALUE}).")
    private Score score;

    @Option(names = "--file", paramLabel = "FILE",
            description = "Score these prompts instead: FILE.safetensors with FILE.json beside it.")
    private Path file;

    @Option(names = "--rows", paramLabel = "NAME[,NAME]", split = ",",
            description = "Of --file only these tensors (default: all).")
    private List<String> rows = List.of();

    /// How answers are judged.
    enum Score { forced, generated }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        texts.check();
        contenders.check();
        output.check();
        Lengths.check("--lengths", lengths, 64);
        Lengths.prompts(prompts, 1, keys, lengths, seed);
        try (var bench = modelOptions.open(contenders.specs())) {
            EvalRun.all("eval retrieval", bench, file == null ? generated(bench) : read(bench), contenders, output,
                    out);
        }
        return 0;
    }

    private RetrievalTask.Scoring scoring() {
        return score == Score.forced ? RetrievalTask.Scoring.FORCED : RetrievalTask.Scoring.GENERATED;
    }

    private List<EvalTask> generated(Workbench bench) throws IOException {
        Lengths.context("--lengths", lengths, bench.model());
        var tokenizer = bench.model().tokenizer();
        int[] filler = texts.read(bench.model()).stream().flatMapToInt(d -> Arrays.stream(d.tokens())).toArray();
        var generator = new PromptGenerator(tokenizer, filler);
        var tasks = new ArrayList<EvalTask>();
        for (int length : lengths) {
            for (Family family : families) {
                tasks.add(Experiment.retrieval(generator, family, keys, length, prompts, seed, scoring(), tokenizer));
            }
        }
        return tasks;
    }

    private List<RetrievalTask> read(Workbench bench) {
        var all = PromptFile.read(file, bench.model().config().vocabulary());
        for (String name : rows) {
            if (all.stream().noneMatch(each -> each.name().equals(name))) {
                throw new UsageException("--rows has " + name + ", wanted some of "
                        + String.join(", ", all.stream().map(PromptFile.Rows::name).toList()));
            }
        }
        return all.stream().filter(each -> rows.isEmpty() || rows.contains(each.name()))
                .map(each -> RetrievalTask.of(each.name(), each.prompts().subList(0,
                        Math.min(prompts, each.prompts().size())), scoring(), bench.model().tokenizer())).toList();
    }

    /// Reads a family's name.
    static final class FamilyConverter implements picocli.CommandLine.ITypeConverter<Family> {
        @Override
        public Family convert(String value) {
            return Arrays.stream(Family.values()).filter(family -> label(family).equals(value)).findFirst()
                    .orElseThrow(() -> new picocli.CommandLine.TypeConversionException("family is \"" + value
                            + "\", wanted one of " + String.join(", ", new Names())));
        }

        static String label(Family family) {
            return family.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /// All names, for the help.
        static final class Names extends ArrayList<String> {
            private static final long serialVersionUID = 1L;

            Names() {
                super(Arrays.stream(Family.values()).map(FamilyConverter::label).toList());
            }
        }
    }
}

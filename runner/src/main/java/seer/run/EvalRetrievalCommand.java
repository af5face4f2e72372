package seer.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.PromptFile;
import seer.eval.RetrievalTask;
import seer.eval.plan.TaskSpec;
import seer.gate.prompt.Family;

/// Retrieval in RULER's manner.
@Command(name = "retrieval", mixinStandardHelpOptions = true,
        description = "How many hidden values are found, by family, length and selector (RULER, arXiv 2404.06654).")
final class EvalRetrievalCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private TextOptions texts;
    @Mixin private ContenderOptions contenders;
    @Mixin private DeviceOptions devices;
    @Mixin private OutputOptions output;
    @Spec private CommandSpec spec;

    @Option(names = "--families", paramLabel = "NAME", split = ",",
            defaultValue = "single,multikey,multivalue,track",
            description = "Kinds of prompts: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
            converter = FamilyOption.class, completionCandidates = FamilyOption.Names.class)
    private List<Family> families;

    @Option(names = "--keys", paramLabel = "N", defaultValue = "4",
            description = "Keys, values, queries, hops or words of a prompt (default: ${DEFAULT-VALUE}).")
    private int keys;

    @Option(names = "--lengths", paramLabel = "L", split = ",", defaultValue = "4096",
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

    @Option(names = "--rows", paramLabel = "NAME", split = ",",
            description = "Of --file only these tensors (default: all).")
    private List<String> rows = List.of();

    /// How answers are judged.
    enum Score { forced, generated }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        check();
        texts.check();
        contenders.check();
        output.check();
        Lengths.check("--lengths", lengths, 64);
        Lengths.prompts(prompts, 1, keys, lengths, seed);
        try (var crew = modelOptions.crew(devices); var bench = modelOptions.open(contenders.specs())) {
            EvalRun.all("eval retrieval", bench, crew, file == null ? generated(bench) : kept(bench), contenders,
                    output, out);
        }
        return 0;
    }

    /// What makes prompts has no say where they are there already, and the other way around.
    private void check() {
        if (file != null) {
            IdleOptions.refuse(spec, List.of("--families", "--keys", "--lengths", "--seed", "--text", "--cut"),
                    "with --file, whose prompts are made already");
        }
        if (file == null && !rows.isEmpty()) {
            throw new UsageException("--rows without --file, whose tensors they are");
        }
    }

    private RetrievalTask.Scoring scoring() {
        return score == Score.forced ? RetrievalTask.Scoring.FORCED : RetrievalTask.Scoring.GENERATED;
    }

    private List<TaskSpec> generated(Workbench bench) {
        Lengths.context("--lengths", lengths, bench.model());
        var tasks = new ArrayList<TaskSpec>();
        for (int length : lengths) {
            for (Family family : families) {
                tasks.add(new TaskSpec.Retrieval(texts.specs(bench.model()), family, keys, length, prompts, seed,
                        scoring()));
            }
        }
        return tasks;
    }

    private List<TaskSpec> kept(Workbench bench) {
        var all = bench.library().prompts(file).stream().map(PromptFile.Rows::name).toList();
        for (String name : rows) {
            if (!all.contains(name)) {
                throw new UsageException("--rows has " + name + ", wanted some of " + String.join(", ", all));
            }
        }
        return all.stream().filter(each -> rows.isEmpty() || rows.contains(each))
                .map(each -> (TaskSpec) new TaskSpec.Prompts(file, each, prompts, scoring())).toList();
    }
}

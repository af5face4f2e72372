package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.longbench.LongBenchFile;
import seer.eval.plan.TaskSpec;

/// LongBench from its published files.
@Command(name = "longbench", mixinStandardHelpOptions = true,
        description = "LongBench's English and code datasets (arXiv 2308.14508), from their JSONL files.")
final class EvalLongBenchCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private ContenderOptions contenders;
    @Mixin private DeviceOptions devices;
    @Mixin private OutputOptions output;
    @Spec private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", required = true,
            description = "Folder with DATASET.jsonl files as published.")
    private Path data;

    @Option(names = "--datasets", paramLabel = "NAME", split = ",",
            description = "Only these (default: all files of the folder).")
    private List<String> datasets = List.of();

    @Option(names = "--length", paramLabel = "N", defaultValue = "8192",
            description = "Most tokens of a prompt; longer ones lose their middle (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "200",
            description = "Most records of each dataset (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        contenders.check();
        output.check();
        Lengths.positive("--length", length, 64);
        Lengths.positive("--prompts", prompts, 1);
        var files = files();
        for (Path file : files) {
            LongBenchFile.dataset(file);
        }
        try (var crew = modelOptions.crew(devices); var bench = modelOptions.open(contenders.specs())) {
            Lengths.context("--length", List.of(length), bench.model());
            var tasks = new ArrayList<TaskSpec>();
            for (Path file : files) {
                tasks.add(new TaskSpec.LongBench(file, length, prompts));
            }
            EvalRun.all("eval longbench", bench, crew, tasks, contenders, output, out);
        }
        return 0;
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(data)) {
            throw new UsageException("--data " + data + ": no such folder");
        }
        if (!datasets.isEmpty()) {
            return datasets.stream().distinct().map(name -> data.resolve(name + ".jsonl")).toList();
        }
        try (var inside = Files.list(data)) {
            var files = inside.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
            if (files.isEmpty()) {
                throw new UsageException("--data " + data + " has no file that ends with .jsonl");
            }
            return files;
        }
    }
}

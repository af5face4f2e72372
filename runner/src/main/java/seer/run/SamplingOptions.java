package seer.run;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.model.Sampling;

/// How tokens are drawn.
final class SamplingOptions {
    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0",
            description = "0 takes the likeliest token (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "1",
            description = "Draw among the likeliest tokens that hold this share (default: ${DEFAULT-VALUE}).")
    private double topP;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0",
            description = "Of the draws (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Spec(Spec.Target.MIXEE) private CommandSpec command;

    Sampling sampling() {
        if (temperature == 0) {
            IdleOptions.refuse(command, List.of("--top-p", "--seed"),
                    "with --temperature 0, which takes the likeliest token");
        }
        try {
            return new Sampling(temperature, topP, seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }
}

package seer.run;

import picocli.CommandLine.Option;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;
import seer.run.cluster.Reading;

/// How documents are read, for commands that read many of them.
final class ReadingOptions {
    @Option(names = "--dense-below", paramLabel = "N", defaultValue = "0",
            description = "Documents of fewer tokens are read dense (default: ${DEFAULT-VALUE}).")
    private int denseBelow;

    @Option(names = "--question", paramLabel = "TEXT", defaultValue = "", description = "Appended to every document.")
    private String question;

    @Option(names = "--new-tokens", paramLabel = "N", defaultValue = "0",
            description = "Tokens to draw after each document (default: ${DEFAULT-VALUE}).")
    private int newTokens;

    @Option(names = "--perplexity", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Score every token and say the perplexity (default: on).")
    private boolean perplexity;

    @Option(names = "--log-likelihoods", description = "Keep the log-likelihood of every token.")
    private boolean logLikelihoods;

    @Option(names = "--chunk", paramLabel = "N", defaultValue = "0",
            description = "Tokens that pass through the layers together (default: as seer prefill has it).")
    private int chunk;

    void check() {
        Lengths.positive("--new-tokens", newTokens, 0);
        Lengths.positive("--dense-below", denseBelow, 0);
        Lengths.positive("--chunk", chunk, 0);
    }

    Reading reading(SelectorSpec select, ForcedBlocks forced) {
        return new Reading(question, newTokens, select.text(), forced.denseLastRows(), forced.keepFirst(), chunk,
                denseBelow, perplexity, logLikelihoods);
    }
}

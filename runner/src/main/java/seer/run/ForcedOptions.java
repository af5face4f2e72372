package seer.run;

import picocli.CommandLine.Option;
import seer.model.attention.ForcedBlocks;

/// Which blocks are computed whatever a selector says.
final class ForcedOptions {
    @Option(names = "--dense-last-rows", paramLabel = "N",
            description = "The last N rows of query blocks keep every block (default: ${DEFAULT-VALUE}).")
    private int denseLastRows = ForcedBlocks.DENSE_LAST_ROWS;

    @Option(names = "--keep-first", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Every row keeps the first block, which many models rest on (default: on; --select gate "
                    + "does without where its thresholds were found without).")
    private boolean keepFirst;

    ForcedBlocks forced() {
        if (denseLastRows < 0) {
            throw new UsageException("--dense-last-rows is " + denseLastRows + ", wanted at least 0");
        }
        return new ForcedBlocks(denseLastRows, keepFirst);
    }
}

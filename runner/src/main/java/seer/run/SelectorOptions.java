package seer.run;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;

/// Which blocks of the attention map are computed.
final class SelectorOptions {
    @Option(names = "--select", paramLabel = "SELECTOR", defaultValue = "gate:density=0.1",
            converter = Converter.class, completionCandidates = Grammar.class,
            description = "How blocks are chosen: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private SelectorSpec select;

    @Option(names = "--dense-last-rows", paramLabel = "N",
            description = "The last N rows of query blocks keep every block (default: ${DEFAULT-VALUE}).")
    private int denseLastRows = ForcedBlocks.DENSE_LAST_ROWS;

    @Option(names = "--keep-first", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Every row keeps the first block, which many models rest on (default: on).")
    private boolean keepFirst;

    /// The selector, and those that it is compared with.
    List<SelectorSpec> with(List<SelectorSpec> compare) {
        return Stream.concat(Stream.of(select), compare.stream()).toList();
    }

    ForcedBlocks forced() {
        if (denseLastRows < 0) {
            throw new UsageException("--dense-last-rows is " + denseLastRows + ", wanted at least 0");
        }
        return new ForcedBlocks(denseLastRows, keepFirst);
    }

    /// What can be written, for an option's help.
    static final class Grammar implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of(SelectorSpec.grammar()).iterator();
        }
    }

    /// Reads a selector from an option.
    static final class Converter implements ITypeConverter<SelectorSpec> {
        @Override
        public SelectorSpec convert(String value) {
            try {
                return SelectorSpec.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}

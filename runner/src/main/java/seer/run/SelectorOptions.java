package seer.run;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
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

    @Mixin private ForcedOptions forcedOptions;

    /// The selector, and those that it is compared with.
    List<SelectorSpec> with(List<SelectorSpec> compare) {
        return Stream.concat(Stream.of(select), compare.stream()).toList();
    }

    ForcedBlocks forced() {
        return forcedOptions.forced();
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

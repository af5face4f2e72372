package seer.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import seer.gate.prompt.Family;

/// Reads a kind of retrieval prompts from an option.
final class FamilyOption implements ITypeConverter<Family> {
    @Override
    public Family convert(String value) {
        return Arrays.stream(Family.values()).filter(family -> label(family).equals(value)).findFirst()
                .orElseThrow(() -> new TypeConversionException("family is \"" + value + "\", wanted one of "
                        + String.join(", ", new Names())));
    }

    static String label(Family family) {
        return family.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// All names, for the help.
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(Arrays.stream(Family.values()).map(FamilyOption::label).toList());
        }
    }
}

package seer.eval.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import seer.eval.Contender;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;

/// The contenders of an experiment: methods at densities, and dense attention.
///
/// A method that does not choose by the density is calibrated for each length to the density that the same scores
/// really reach there when it does, forced blocks counted, and its rows are labelled `gate:threshold@0.1`.
///
/// @param methods as [Method#parse] reads them
/// @param gate    folder of the adapter; null where none is needed
public record Lineup(List<String> methods, List<Double> densities, List<Integer> denseLastRows, boolean keepFirst,
                     Path gate) {

    /// Says what has to stand behind a criterion.
    interface Calibrated {
        /// @param label of the contender
        double value(Method method, double density, ForcedBlocks forced, String label);
    }

    /// Every method at every density as a selector.
    ///
    /// @throws IllegalArgumentException quoting the one that cannot be written as one
    public List<SelectorSpec> specs() {
        return parsed().stream().flatMap(method -> densities.stream().map(method::at)).toList();
    }

    /// Whether a method looks at the whole prompt before it chooses, so that the prompt has to be read in one chunk.
    boolean wholePrompt() {
        return parsed().stream().anyMatch(method -> method.at(densities.getFirst()).wholePrompt());
    }

    /// Whether a setting of some method has to be found.
    public boolean isCalibrated() {
        return parsed().stream().anyMatch(Method::isCalibrated);
    }

    /// All contenders.
    List<ContenderSpec> at(Calibrated calibrated) {
        var contenders = new ArrayList<>(List.of(ContenderSpec.dense()));
        for (int lastRows : denseLastRows) {
            var forced = new ForcedBlocks(lastRows, keepFirst);
            for (Method method : parsed()) {
                for (double density : densities) {
                    String label = method.label(density);
                    double value = method.isCalibrated() ? calibrated.value(method, density, forced, label) : density;
                    contenders.add(ContenderSpec.of(label, method.at(value), forced, gate));
                }
            }
        }
        return contenders;
    }

    /// The label of the row that a row is compared with: that of `baseline` at the same density.
    ///
    /// @param baseline `dense` or one of the methods
    public String compared(String baseline, String label) {
        if (baseline.equals(Contender.DENSE)) {
            return baseline;
        }
        return parsed().stream().flatMap(method -> densities.stream()
                        .filter(each -> method.label(each).equals(label)))
                .findFirst().map(density -> Method.parse(baseline).label(density)).orElse(null);
    }

    private List<Method> parsed() {
        return methods.stream().map(Method::parse).toList();
    }
}

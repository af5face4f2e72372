package seer.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.Session;

/// The contenders of an experiment at one length: methods at densities, and dense attention.
///
/// A method is named `gate` where it keeps the same share of blocks in every row (`gate:density=0.1`), or with
/// another rule, `gate:threshold`: its setting is calibrated for each length to the density that `gate:density=0.1`
/// really reaches there, forced blocks counted, and its rows are labelled `gate:threshold@0.1`.
///
/// @param selectors   a selector for what stands on a command line and a number of dense last rows
/// @param calibration prompts of a length to calibrate on
/// @param name        of the text they come from
public record Lineup(List<String> methods, List<Double> densities, List<Integer> denseLastRows,
                     BiFunction<String, Integer, BlockSelector> selectors,
                     Function<Integer, Iterable<int[]>> calibration, String name) {
    private static final String TOP = "density";

    /// Every method at every density as a selector.
    ///
    /// @throws IllegalArgumentException quoting the one that cannot be written as one
    public List<SelectorSpec> specs() {
        return methods.stream().flatMap(method -> densities.stream()
                .map(density -> SelectorSpec.parse(setting(method, density)))).toList();
    }

    /// Whether a method looks at the whole prompt before it chooses, so that the prompt has to be read in one chunk.
    boolean wholePrompt() {
        return methods.stream().anyMatch(method -> SelectorSpec.parse(setting(method, densities.getFirst()))
                .wholePrompt());
    }

    /// All contenders at a length; the settings found are kept in `samples` and found there again.
    ///
    /// @param session opened only where something is to be calibrated, closed by its owner
    public List<Contender> at(int length, Samples samples, Supplier<Session> session) {
        var contenders = new ArrayList<Contender>(List.of(Contender.dense()));
        for (int lastRows : denseLastRows) {
            for (String method : methods) {
                for (double density : densities) {
                    String label = label(method, density);
                    double setting = rule(method).equals(TOP) ? density
                            : calibrated(method, density, length, lastRows, label, samples, session);
                    contenders.add(new Contender(label, selectors.apply(setting(method, setting), lastRows),
                            lastRows));
                }
            }
        }
        return contenders;
    }

    private double calibrated(String method, double density, int length, int lastRows, String label, Samples samples,
                              Supplier<Session> session) {
        var key = new SampleKey(Measure.CALIBRATION, name, length, label, lastRows, rule(method));
        if (samples.get(key) == null) {
            var prompts = calibration.apply(length);
            String top = setting(method.substring(0, method.indexOf(':')), density);
            double wanted = Calibration.density(session.get(), prompts, selectors.apply(top, lastRows));
            var found = Calibration.find(session.get(), prompts, rule(method), wanted,
                    value -> selectors.apply(setting(method, value), lastRows));
            samples.put(key, new Sample(found.value(), 1, found.density(), Double.NaN, Double.NaN, Double.NaN,
                    Map.of()));
        }
        return samples.get(key).value();
    }

    /// The label of the row that a row is compared with: that of `baseline` at the same density.
    ///
    /// @param baseline `dense` or one of the methods
    public String compared(String baseline, String label) {
        if (baseline.equals(Contender.DENSE)) {
            return baseline;
        }
        return methods.stream().flatMap(method -> densities.stream().filter(each -> label(method, each).equals(label)))
                .findFirst().map(density -> label(baseline, density)).orElse(null);
    }

    private static String rule(String method) {
        int colon = method.indexOf(':');
        return colon < 0 ? TOP : method.substring(colon + 1);
    }

    static String label(String method, double density) {
        return rule(method).equals(TOP) ? setting(method, density) : method + "@" + density;
    }

    private static String setting(String method, double value) {
        return (method.indexOf(':') < 0 ? method + ":" + TOP : method) + "=" + value;
    }
}

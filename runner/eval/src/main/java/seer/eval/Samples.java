package seer.eval;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All samples of an evaluation, in the order in which they were measured; as CSV they survive a run that is cut off.
public final class Samples {
    private final Map<SampleKey, Sample> samples = new LinkedHashMap<>();

    /// Adds a sample, or replaces the one of its key.
    ///
    /// @throws IllegalArgumentException if it cannot be of that measure, as where the model gave no number
    public void put(SampleKey key, Sample sample) {
        String fault = sample.fault(key.measure());
        if (fault != null) {
            throw new IllegalArgumentException(key.measure().label() + " of " + key.task() + ", " + key.item()
                    + ", with " + key.selector() + ": " + fault);
        }
        samples.put(key, sample);
    }

    /// The sample, or null if it was not measured.
    public Sample get(SampleKey key) {
        return samples.get(key);
    }

    /// Every sample by its key.
    public Map<SampleKey, Sample> all() {
        return Collections.unmodifiableMap(samples);
    }

    /// Adds those of another process that shared the work. What both measured has to agree, times aside: then this
    /// one's stays.
    ///
    /// @throws IllegalArgumentException naming the first sample that has another value, weight or density there;
    ///                                  nothing is added then
    public void merge(Samples other) {
        other.samples.forEach((key, sample) -> {
            var own = samples.get(key);
            if (own != null && !own.agrees(sample)) {
                throw new IllegalArgumentException(key.measure().label() + " of " + key.task() + ", " + key.item()
                        + ", with " + key.selector() + " is " + own.value() + " here and " + sample.value()
                        + " there, wanted the same value, weight and density");
            }
        });
        other.samples.forEach(samples::putIfAbsent);
    }

    /// Those of some measures alone.
    public Samples of(Measure... measures) {
        var some = new Samples();
        samples.forEach((key, sample) -> {
            if (List.of(measures).contains(key.measure())) {
                some.put(key, sample);
            }
        });
        return some;
    }

    /// Reads a file that [#write] wrote.
    ///
    /// @param run what the samples must have been measured on: model, gate, texts, backend; null takes any
    /// @throws MalformedSamplesException if the file is of another run or is broken
    public static Samples read(Path file, String run) {
        return SamplesFile.read(file, run);
    }

    /// Replaces the file.
    public void write(Path file, String run) {
        SamplesFile.write(this, file, run);
    }
}

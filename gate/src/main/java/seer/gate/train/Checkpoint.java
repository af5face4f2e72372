package seer.gate.train;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.SafetensorsFile;
import seer.model.load.SafetensorsWriter;

/// All that a training needs to go on: one safetensors file with weights and both running means of AdamW, replaced as
/// a whole and forced to the disk, so that a run killed at any moment leaves the last one or the one before.
record Checkpoint(Path file) {
    private static final String FORMAT = "seer-gate-training-1";
    private static final String SETTING = "setting.";
    private static final String DATA = "data";

    /// What a checkpoint says of itself.
    ///
    /// @param plan     of the training
    /// @param settings what the result depends on, by name of the option; see [TrainingPlan#settings]
    /// @param step     steps made, from 1 to those of the plan
    /// @param data     where the training data came from, in words
    record State(TrainingPlan plan, Map<String, String> settings, int step, String data) { }

    /// @param settings what the result depends on: a run goes on only with the same
    /// @param data     where the training data came from, in words
    void write(int step, List<GateParameters> gates, Map<String, String> settings, String data) {
        var writer = new SafetensorsWriter().metadata("format", FORMAT).metadata("step", Integer.toString(step))
                .metadata(DATA, data);
        settings.forEach((name, value) -> writer.metadata(SETTING + name, value));
        for (GateParameters gate : gates) {
            for (Parameter parameter : gate.all()) {
                String name = name(gate, parameter);
                writer.add(name + "value", DType.F32, parameter.value(), parameter.shape());
                writer.add(name + "mean", DType.F32, parameter.mean(), parameter.shape());
                writer.add(name + "square", DType.F32, parameter.square(), parameter.shape());
            }
        }
        writer.write(file);
    }

    /// Reads what it is a checkpoint of.
    ///
    /// @throws MalformedModelException if the file is broken
    State state() {
        try (var open = SafetensorsFile.open(file)) {
            return state(open);
        }
    }

    /// Reads it into `gates`.
    ///
    /// @param settings of this run
    /// @return steps made
    /// @throws MalformedModelException if the file is broken or was made with other settings
    int read(List<GateParameters> gates, Map<String, String> settings) {
        try (var open = SafetensorsFile.open(file)) {
            requireFormat(open);
            settings.forEach((name, value) -> {
                String was = open.metadata().get(SETTING + name);
                if (!value.equals(was)) {
                    throw new MalformedModelException(file, "made " + (was == null ? "without --" + name
                            : "with --" + name + " " + Quoted.of(was)) + ", this run has " + value
                            + ": go on with the same settings, or start elsewhere");
                }
            });
            int step = state(open).step();
            read(open, gates);
            return step;
        }
    }

    /// Reads the weights and running means alone.
    void read(List<GateParameters> gates) {
        try (var open = SafetensorsFile.open(file)) {
            read(open, gates);
        }
    }

    private void read(SafetensorsFile open, List<GateParameters> gates) {
        var rest = new HashSet<>(open.names());
        for (GateParameters gate : gates) {
            for (Parameter parameter : gate.all()) {
                String name = name(gate, parameter);
                read(open, name + "value", parameter.shape(), parameter.value());
                read(open, name + "mean", parameter.shape(), parameter.mean());
                read(open, name + "square", parameter.shape(), parameter.square());
                requirePositive(name + "square", parameter.square());
                rest.removeAll(List.of(name + "value", name + "mean", name + "square"));
            }
        }
        if (!rest.isEmpty()) {
            var names = gates.stream().map(gate -> gate.layout().recipe().name()).toList();
            throw new MalformedModelException(file, "tensor " + Quoted.name(rest.iterator().next())
                    + " is of no gate of this training, wanted those of " + names + " alone");
        }
    }

    private State state(SafetensorsFile open) {
        requireFormat(open);
        var settings = new LinkedHashMap<String, String>();
        open.metadata().forEach((name, value) -> {
            if (name.startsWith(SETTING)) {
                settings.put(name.substring(SETTING.length()), value);
            }
        });
        TrainingPlan plan;
        try {
            plan = TrainingPlan.of(settings);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(file, "its settings are no training: " + e.getMessage(), e);
        }
        return new State(plan, settings, step(open.metadata().get("step"), plan.steps()),
                open.metadata().getOrDefault(DATA, "not recorded"));
    }

    private void requireFormat(SafetensorsFile open) {
        String format = open.metadata().get("format");
        if (!FORMAT.equals(format)) {
            throw new MalformedModelException(file, "format is " + shown(format) + ", wanted " + FORMAT);
        }
    }

    private int step(String text, int steps) {
        int step = text != null && text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
        if (step < 1 || step > steps) {
            throw new MalformedModelException(file, "step is " + shown(text) + ", wanted a number from 1 to " + steps
                    + ", the steps of the training");
        }
        return step;
    }

    private static void read(SafetensorsFile open, String name, int[] shape, float[] target) {
        var tensor = open.tensor(name).require(shape);
        if (tensor.type() != DType.F32) {
            throw new MalformedModelException(open.file(), "tensor " + Quoted.name(name) + " has dtype " + tensor.type()
                    + ", wanted F32");
        }
        System.arraycopy(tensor.finiteFloats(), 0, target, 0, target.length);
    }

    private void requirePositive(String name, float[] squares) {
        for (float square : squares) {
            if (square < 0) {
                throw new MalformedModelException(file, "tensor " + Quoted.name(name) + " holds " + square
                        + ", wanted mean squares, at least 0");
            }
        }
    }

    private static String shown(String value) {
        return value == null ? "missing" : Quoted.of(value);
    }

    private static String name(GateParameters gate, Parameter parameter) {
        return gate.layout().recipe().name() + "/" + parameter.name() + "/";
    }
}

package seer.gate.course;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.SafetensorsFile;
import seer.model.load.SafetensorsWriter;

/// All that a training needs to go on: one safetensors file with weights and both running means of AdamW, replaced as
/// a whole and forced to the disk, so that a run killed at any moment leaves the last one or the one before.
///
/// @param format what it says it is: trainings of another kind do not go on from it
public record CheckpointFile(Path file, String format) {
    private static final String SETTING = "setting.";
    private static final String DATA = "data";

    /// What a checkpoint says of itself.
    ///
    /// @param settings what the result depends on, by name of the option
    /// @param step     steps made, from 1 to those of the training
    /// @param data     where the training data came from, in words
    public record State(Map<String, String> settings, int step, String data) { }

    /// @param parameters by name
    /// @param settings   what the result depends on: a run goes on only with the same
    /// @param data       where the training data came from, in words
    public void write(int step, Map<String, Parameter> parameters, Map<String, String> settings, String data) {
        var writer = new SafetensorsWriter().metadata("format", format).metadata("step", Integer.toString(step))
                .metadata(DATA, data);
        settings.forEach((name, value) -> writer.metadata(SETTING + name, value));
        parameters.forEach((name, parameter) -> {
            writer.add(name + "/value", DType.F32, parameter.value(), parameter.shape());
            writer.add(name + "/mean", DType.F32, parameter.mean(), parameter.shape());
            writer.add(name + "/square", DType.F32, parameter.square(), parameter.shape());
        });
        writer.write(file);
    }

    /// Reads what it is a checkpoint of.
    ///
    /// @param steps of a training with these settings; an [IllegalArgumentException] if they are of none
    /// @throws MalformedModelException if the file is broken
    public State state(ToIntFunction<Map<String, String>> steps) {
        try (var open = SafetensorsFile.open(file)) {
            return state(open, steps);
        }
    }

    /// Reads it into `parameters`.
    ///
    /// @param settings of this run
    /// @param steps    as for [#state]
    /// @param owners   what the parameters are of, in words
    /// @return steps made
    /// @throws MalformedModelException if the file is broken or was made with other settings
    public int read(Map<String, Parameter> parameters, Map<String, String> settings,
                    ToIntFunction<Map<String, String>> steps, String owners) {
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
            open.metadata().forEach((name, was) -> {
                if (name.startsWith(SETTING) && !settings.containsKey(name.substring(SETTING.length()))) {
                    throw new MalformedModelException(file, "made with --" + name.substring(SETTING.length()) + " "
                            + Quoted.of(was) + ", this run has none: go on with the same settings, or start elsewhere");
                }
            });
            int step = state(open, steps).step();
            read(open, parameters, owners);
            return step;
        }
    }

    /// Reads the weights and running means alone.
    public void read(Map<String, Parameter> parameters, String owners) {
        try (var open = SafetensorsFile.open(file)) {
            read(open, parameters, owners);
        }
    }

    private void read(SafetensorsFile open, Map<String, Parameter> parameters, String owners) {
        var rest = new HashSet<>(open.names());
        parameters.forEach((name, parameter) -> {
            read(open, name + "/value", parameter.shape(), parameter.value());
            read(open, name + "/mean", parameter.shape(), parameter.mean());
            read(open, name + "/square", parameter.shape(), parameter.square());
            requirePositive(name + "/square", parameter.square());
            rest.removeAll(List.of(name + "/value", name + "/mean", name + "/square"));
        });
        if (!rest.isEmpty()) {
            throw new MalformedModelException(file, "tensor " + Quoted.name(rest.iterator().next()) + " is of no "
                    + owners + " alone");
        }
    }

    private State state(SafetensorsFile open, ToIntFunction<Map<String, String>> steps) {
        requireFormat(open);
        var settings = new LinkedHashMap<String, String>();
        open.metadata().forEach((name, value) -> {
            if (name.startsWith(SETTING)) {
                settings.put(name.substring(SETTING.length()), value);
            }
        });
        int planned;
        try {
            planned = steps.applyAsInt(settings);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(file, "its settings are no training: " + e.getMessage(), e);
        }
        return new State(settings, step(open.metadata().get("step"), planned),
                open.metadata().getOrDefault(DATA, "not recorded"));
    }

    private void requireFormat(SafetensorsFile open) {
        String found = open.metadata().get("format");
        if (!format.equals(found)) {
            throw new MalformedModelException(file, "format is " + shown(found) + ", wanted " + format);
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
}

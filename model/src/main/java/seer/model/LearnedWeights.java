package seer.model;

import java.util.ArrayList;
import java.util.List;
import seer.model.backend.Arena;
import seer.model.backend.Gradients;
import seer.model.backend.Tensor;
import seer.model.backend.WeightChange;

/// Weights that learn where the backend holds them: in 32 bits, beside those that the model computes with, each with
/// what AdamW keeps of it. They travel only where somebody asks for them.
public final class LearnedWeights {
    private final Gradients gradients;
    private final GradientTensors tensors;
    private final List<Held> held = new ArrayList<>();
    private final List<Gradients.Learned> learned = new ArrayList<>();
    private final List<Gradients.Taken> taken;

    /// Tensors beside a matrix or a vector.
    private record Held(GradientTensors.Place place, Tensor value, Tensor mean, Tensor square) { }

    /// As they are in the model's files.
    LearnedWeights(Arena arena, Gradients gradients, GradientTensors tensors) {
        this.gradients = gradients;
        this.tensors = tensors;
        arena.reserve(3 * tensors.places().stream().flatMap(place -> place.names().stream())
                .mapToLong(tensors::size).sum());
        for (var place : tensors.places()) {
            int[] shape = place.slope().shape();
            var each = new Held(place, arena.upload(tensors.first(place), shape), arena.allocate(shape),
                    arena.allocate(shape));
            held.add(each);
            stretches(each);
        }
        taken = held.stream().map(each -> new Gradients.Taken(each.place().matrix(), each.place().vector(),
                each.value())).toList();
    }

    /// Those of a stack that are frozen are left out.
    private void stretches(Held each) {
        int at = 0;
        int from = 0;
        for (String name : each.place().names()) {
            int end = at + tensors.size(name);
            if (!tensors.trains(name)) {
                add(each, from, at);
                from = end;
            }
            at = end;
        }
        add(each, from, at);
    }

    private void add(Held each, int from, int to) {
        if (to > from) {
            learned.add(new Gradients.Learned(each.value(), each.mean(), each.square(), each.place().slope(), from,
                    to - from));
        }
    }

    /// The sum of squares of their derivatives.
    public double squares() {
        return gradients.squares(learned);
    }

    /// Changes them once, and the model computes with what they are then; derivatives are summed up anew.
    public void change(WeightChange change) {
        gradients.change(learned, change);
        use();
    }

    private void use() {
        gradients.load(taken);
    }

    /// Someone's arrays for the weights of one name.
    public interface Arrays {
        /// @return weights, means and squares, as long as the weights
        float[][] of(String name);
    }

    /// Copies them out, with what AdamW keeps.
    public void copyTo(Arrays arrays) {
        for (Held each : held) {
            move(each, arrays, new float[][] {each.value().download(), each.mean().download(),
                    each.square().download()}, false);
        }
    }

    /// Takes them over, with what AdamW keeps, and the model computes with them.
    public void take(Arrays arrays) {
        for (Held each : held) {
            int size = each.place().names().stream().mapToInt(tensors::size).sum();
            float[][] all = {tensors.first(each.place()), new float[size], new float[size]};
            move(each, arrays, all, true);
            gradients.load(each.value(), all[0]);
            gradients.load(each.mean(), all[1]);
            gradients.load(each.square(), all[2]);
        }
        use();
    }

    /// Between the arrays of a stack and those of its parts.
    private void move(Held each, Arrays arrays, float[][] all, boolean in) {
        int at = 0;
        for (String name : each.place().names()) {
            int size = tensors.size(name);
            if (tensors.trains(name)) {
                float[][] parts = arrays.of(name);
                for (int i = 0; i < all.length; i++) {
                    System.arraycopy(in ? parts[i] : all[i], in ? 0 : at, in ? all[i] : parts[i], in ? at : 0, size);
                }
            }
            at += size;
        }
    }
}

package seer.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import seer.sim.KernelFault;
import seer.sim.Mutation;
import seer.sim.Settings;
import seer.sim.Simulator;

/// Takes a barrier out of a kernel or has it order the other memory, moves an index by one, leaves an array uncleared,
/// again and again, and requires its test to notice. Only on the simulator.
public final class Mutations {
    private Mutations() { }

    /// Requires `check` to fail under every mutation of `kernel`, and to pass without.
    public static void noticed(Class<?> kernels, String kernel, Runnable check) {
        noticed(kernels, kernel, EnumSet.allOf(Mutation.Kind.class), check);
    }

    /// Requires it for the kinds of barriers and for clearing, which is quick: `check` takes the smallest problems that
    /// go through all of the kernel.
    public static void slipsNoticed(Class<?> kernels, String kernel, Runnable check) {
        noticed(kernels, kernel, EnumSet.of(Mutation.Kind.FENCE_SWAPPED, Mutation.Kind.CONSTANT_REMOVED), check);
    }

    private static void noticed(Class<?> kernels, String kernel, Set<Mutation.Kind> kinds, Runnable check) {
        List<Mutation> mutations = Mutation.of(kernels, kernel).stream()
                .filter(mutation -> kinds.contains(mutation.kind())).toList();
        assertFalse(mutations.isEmpty(), kernels + " has no kernel " + kernel + " with anything of " + kinds);
        Simulator.with(Settings.DEFAULT, check);
        var unnoticed = new ArrayList<Mutation>();
        for (Mutation mutation : mutations) {
            try {
                Simulator.with(Settings.DEFAULT.withMutation(mutation), check);
                unnoticed.add(mutation);
            } catch (KernelFault | AssertionError noticed) {
                continue;
            }
        }
        assertEquals(List.of(), unnoticed, kernels.getSimpleName() + "." + kernel);
    }
}

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

    /// Requires it for the kinds of barriers and for clearing, which is quick: `check` takes the smallest problems that
    /// go through all of the kernel.
    public static void slipsNoticed(Class<?> kernels, String kernel, Runnable check) {
        noticed(kernels, kernel, EnumSet.of(Mutation.Kind.FENCE_SWAPPED, Mutation.Kind.CONSTANT_REMOVED), check);
    }

    /// Requires it for what a kernel does together with its warp and with the copy engine: each operation left out,
    /// each parity flipped.
    public static void operationsNoticed(Class<?> kernels, String kernel, Runnable check, Mutation... equivalent) {
        noticed(kernels, kernel, EnumSet.of(Mutation.Kind.BARRIER_REMOVED, Mutation.Kind.OPERATION_REMOVED,
                Mutation.Kind.PARITY_FLIPPED), check, equivalent);
    }

    /// Requires `check` to fail under every mutation of a method that kernels call, but for those which are
    /// `equivalent`: they change nothing, and the caller says why.
    public static void helperNoticed(Class<?> owner, String helper, Runnable check, Mutation... equivalent) {
        noticed(owner.getSimpleName() + "." + helper, Mutation.ofHelper(owner, helper), check, equivalent);
    }

    /// Requires `check` to fail under every mutation of `kernel` but the `equivalent` ones.
    public static void noticed(Class<?> kernels, String kernel, Runnable check, Mutation... equivalent) {
        noticed(kernels, kernel, EnumSet.allOf(Mutation.Kind.class), check, equivalent);
    }

    private static void noticed(Class<?> kernels, String kernel, Set<Mutation.Kind> kinds, Runnable check,
                                Mutation... equivalent) {
        List<Mutation> mutations = Mutation.of(kernels, kernel).stream()
                .filter(mutation -> kinds.contains(mutation.kind())).toList();
        noticed(kernels.getSimpleName() + "." + kernel, mutations, check, equivalent);
    }

    private static void noticed(String what, List<Mutation> mutations, Runnable check, Mutation... equivalent) {
        assertFalse(mutations.isEmpty(), what + " has nothing to change");
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
        unnoticed.removeAll(List.of(equivalent));
        assertEquals(List.of(), unnoticed, what);
    }
}

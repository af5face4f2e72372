package seer.sim;

import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.List;

/// A deliberate fault in a kernel's bytecode: the `ordinal`-th barrier left out, or made one that
/// orders the other memory; the index of the `ordinal`-th access to a global array moved by one; the
/// `ordinal`-th constant not put into its local or private array, which is how one is cleared; and of the
/// operations of a warp, one left out, one of its places in memory or registers moved, the parity that it
/// waits for flipped. A test suite that notices every mutation of its kernels is one that would notice
/// such a slip.
///
/// @param helper where: null is the kernel itself, else class and method of one that it calls
public record Mutation(Kind kind, int ordinal, String helper) {

    public static final Mutation NONE = new Mutation(Kind.NONE, -1, null);

    /// What is changed.
    public enum Kind {
        NONE, BARRIER_REMOVED, FENCE_SWAPPED, INDEX_SHIFTED, CONSTANT_REMOVED, OPERATION_REMOVED, PLACE_SHIFTED,
        PARITY_FLIPPED
    }

    /// All mutations of the named static method of `owner`.
    public static List<Mutation> of(Class<?> owner, String method) {
        List<Mutation> all = new ArrayList<>();
        int barriers = 0;
        int accesses = 0;
        int constants = 0;
        int operations = 0;
        int places = 0;
        int parities = 0;
        CodeElement before = null;
        for (CodeElement element : ClassBytes.code(owner, method)) {
            if (element instanceof InvokeInstruction call && Instrumenter.isBarrier(call)) {
                all.add(withoutBarrier(barriers));
                all.add(swappedFence(barriers++));
            } else if (element instanceof InvokeInstruction call && Instrumenter.isAccess(call)) {
                all.add(shiftedIndex(accesses++));
            } else if (Instrumenter.isConstant(before, element)) {
                all.add(withoutConstant(constants++));
            } else if (element instanceof InvokeInstruction call && WarpOperations.isOne(call)) {
                if (WarpOperations.isRemovable(call)) {
                    all.add(new Mutation(Kind.OPERATION_REMOVED, operations++, null));
                }
                for (int i = 0; i < WarpOperations.places(call).length; i++) {
                    all.add(new Mutation(Kind.PLACE_SHIFTED, places++, null));
                }
                if (WarpOperations.hasParity(call)) {
                    all.add(new Mutation(Kind.PARITY_FLIPPED, parities++, null));
                }
            }
            before = element;
        }
        return all;
    }

    /// All mutations of a method of `owner` that kernels call.
    public static List<Mutation> ofHelper(Class<?> owner, String method) {
        String helper = owner.getName() + '.' + method;
        return of(owner, method).stream().map(each -> new Mutation(each.kind, each.ordinal, helper)).toList();
    }

    public static Mutation withoutBarrier(int ordinal) {
        return new Mutation(Kind.BARRIER_REMOVED, ordinal, null);
    }

    public static Mutation swappedFence(int ordinal) {
        return new Mutation(Kind.FENCE_SWAPPED, ordinal, null);
    }

    public static Mutation withoutConstant(int ordinal) {
        return new Mutation(Kind.CONSTANT_REMOVED, ordinal, null);
    }

    public static Mutation shiftedIndex(int ordinal) {
        return new Mutation(Kind.INDEX_SHIFTED, ordinal, null);
    }
}

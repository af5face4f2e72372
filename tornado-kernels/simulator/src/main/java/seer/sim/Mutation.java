package seer.sim;

import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.List;

/// A deliberate fault in a kernel's bytecode: the `ordinal`-th barrier left out, or made one that
/// orders the other memory; the index of the `ordinal`-th access to a global array moved by one; the
/// `ordinal`-th constant not put into its local or private array, which is how one is cleared. A test
/// suite that notices every mutation of its kernels is one that would notice such a slip.
public record Mutation(Kind kind, int ordinal) {

    public static final Mutation NONE = new Mutation(Kind.NONE, -1);

    /// What is changed.
    public enum Kind { NONE, BARRIER_REMOVED, FENCE_SWAPPED, INDEX_SHIFTED, CONSTANT_REMOVED }

    /// All mutations of the named static method of `owner`.
    public static List<Mutation> of(Class<?> owner, String method) {
        List<Mutation> all = new ArrayList<>();
        int barriers = 0;
        int accesses = 0;
        int constants = 0;
        CodeElement before = null;
        for (CodeElement element : ClassBytes.code(owner, method)) {
            if (element instanceof InvokeInstruction call && Instrumenter.isBarrier(call)) {
                all.add(withoutBarrier(barriers));
                all.add(swappedFence(barriers++));
            } else if (element instanceof InvokeInstruction call && Instrumenter.isAccess(call)) {
                all.add(shiftedIndex(accesses++));
            } else if (Instrumenter.isConstant(before, element)) {
                all.add(withoutConstant(constants++));
            }
            before = element;
        }
        return all;
    }

    public static Mutation withoutBarrier(int ordinal) {
        return new Mutation(Kind.BARRIER_REMOVED, ordinal);
    }

    public static Mutation swappedFence(int ordinal) {
        return new Mutation(Kind.FENCE_SWAPPED, ordinal);
    }

    public static Mutation withoutConstant(int ordinal) {
        return new Mutation(Kind.CONSTANT_REMOVED, ordinal);
    }

    public static Mutation shiftedIndex(int ordinal) {
        return new Mutation(Kind.INDEX_SHIFTED, ordinal);
    }
}

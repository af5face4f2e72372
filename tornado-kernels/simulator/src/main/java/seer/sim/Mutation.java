package seer.sim;

import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.List;

/// A deliberate fault in a kernel's bytecode: the `ordinal`-th barrier left out, or the index of the
/// `ordinal`-th access to a global array moved by one. A test suite that notices every mutation of
/// its kernels is one that would notice such a slip.
public record Mutation(Kind kind, int ordinal) {

    public static final Mutation NONE = new Mutation(Kind.NONE, -1);

    /// What is changed.
    public enum Kind { NONE, BARRIER_REMOVED, INDEX_SHIFTED }

    /// All mutations of the named static method of `owner`.
    public static List<Mutation> of(Class<?> owner, String method) {
        List<Mutation> all = new ArrayList<>();
        int barriers = 0;
        int accesses = 0;
        for (CodeElement element : ClassBytes.code(owner, method)) {
            if (element instanceof InvokeInstruction call && Instrumenter.isBarrier(call)) {
                all.add(withoutBarrier(barriers++));
            } else if (element instanceof InvokeInstruction call && Instrumenter.isAccess(call)) {
                all.add(shiftedIndex(accesses++));
            }
        }
        return all;
    }

    public static Mutation withoutBarrier(int ordinal) {
        return new Mutation(Kind.BARRIER_REMOVED, ordinal);
    }

    public static Mutation shiftedIndex(int ordinal) {
        return new Mutation(Kind.INDEX_SHIFTED, ordinal);
    }
}

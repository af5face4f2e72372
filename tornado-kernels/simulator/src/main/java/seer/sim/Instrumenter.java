package seer.sim;

import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Method;

/// Puts models in the place of operations of a warp ([WarpOperations]), and adds calls of [Probe] to the bytecode of
/// kernels, because a local array is a plain Java array, whose reads and writes nothing else can see. Also applies a
/// [Mutation] to the named method.
final class Instrumenter implements CodeTransform {

    private static final ClassDesc PROBE = ClassDesc.of("seer.sim.Probe");
    private static final String CONTEXT = "uk/ac/manchester/tornado/api/KernelContext";
    private static final String ARRAYS = "uk/ac/manchester/tornado/api/types/arrays/";
    private static final MethodTypeDesc NO_HELPER = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc NOTHING = NO_HELPER;
    private static final MethodTypeDesc ARRAY = MethodTypeDesc.of(ConstantDescs.CD_void,
            ConstantDescs.CD_Object);
    private static final MethodTypeDesc READ = MethodTypeDesc.of(ConstantDescs.CD_void,
            ConstantDescs.CD_Object, ConstantDescs.CD_int);
    private static final MethodTypeDesc SITE = MethodTypeDesc.of(ConstantDescs.CD_void,
            ConstantDescs.CD_int, ConstantDescs.CD_int);

    private final Mutation mutation;
    private final MethodTypeDesc helper;
    private final int method;
    private final boolean watched;
    private int sites;
    private int barriers;
    private int accesses;
    private int constants;
    private int operations;
    private int places;
    private int parities;
    private int line;
    private CodeElement before;

    private Instrumenter(Mutation mutation, MethodTypeDesc helper, int method, boolean watched) {
        this.mutation = mutation;
        this.watched = watched;
        this.helper = helper;
        this.method = method;
    }

    /// @param type  the class that is copied
    /// @param watched false if operations of a warp get their models, and little else changes
    static ClassTransform of(String type, Method kernel, Mutation mutation, boolean watched) {
        return (builder, element) -> {
            if (element instanceof MethodModel method
                    && !method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME)) {
                String name = type + '.' + method.methodName().stringValue();
                boolean named = name.equals(kernel.getDeclaringClass().getName() + '.' + kernel.getName());
                boolean mutated = mutation.helper() == null ? named : name.equals(mutation.helper());
                Mutation here = mutated ? mutation : Mutation.NONE;
                MethodTypeDesc helper = named ? NO_HELPER : method.methodTypeSymbol();
                builder.transformMethod(method, MethodTransform.transformingCode(CodeTransform.ofStateful(
                        () -> new Instrumenter(here, helper, name.hashCode() & 0xFFFFFF, watched))));
            } else {
                builder.with(element);
            }
        };
    }

    @Override
    public void atStart(CodeBuilder builder) {
        for (int i = 0; watched && i < helper.parameterCount(); i++) {
            if (helper.parameterType(i).isArray()) {
                builder.aload(builder.parameterSlot(i)).invokestatic(PROBE, "passed", ARRAY);
            }
        }
    }

    @Override
    public void accept(CodeBuilder builder, CodeElement element) {
        switch (element) {
            case LineNumber number -> {
                line = number.line();
                builder.with(element);
            }
            case InvokeInstruction call when WarpOperations.isOne(call) -> operation(builder, call);
            case InvokeInstruction call when isBarrier(call) -> barrier(builder, call);
            case CodeElement other when !watched -> builder.with(other);
            case ArrayLoadInstruction load -> load(builder, load);
            case ArrayStoreInstruction store -> store(builder, store);
            case NewPrimitiveArrayInstruction made -> fresh(builder, made);
            case NewMultiArrayInstruction made -> fresh(builder, made);
            case InvokeInstruction call when isAccess(call) -> access(builder, call);
            default -> builder.with(element);
        }
        before = element;
    }

    private void load(CodeBuilder builder, ArrayLoadInstruction load) {
        noteHelper(builder);
        builder.dup2().invokestatic(PROBE, "read", READ).with(load);
    }

    /// The access that follows is one of a helper, whose arrays cannot be local ones.
    private void noteHelper(CodeBuilder builder) {
        if (helper.parameterList().stream().anyMatch(ClassDesc::isArray)) {
            builder.invokestatic(PROBE, "inHelper", NOTHING);
        }
    }

    private static void fresh(CodeBuilder builder, CodeElement made) {
        builder.with(made).dup().invokestatic(PROBE, "fresh", ARRAY);
    }

    private void store(CodeBuilder builder, ArrayStoreInstruction store) {
        boolean left = isConstant(before, store) && isHere(Mutation.Kind.CONSTANT_REMOVED, constants++);
        if (!left) {
            noteHelper(builder);
            builder.invokestatic(PROBE, "write", write(store.typeKind()));
        } else if (store.typeKind().slotSize() == 2) {
            builder.pop2().pop2();
        } else {
            builder.pop().pop2();
        }
    }

    private static MethodTypeDesc write(TypeKind kind) {
        ClassDesc value = switch (kind) {
            case BYTE, BOOLEAN -> ConstantDescs.CD_byte;
            case REFERENCE -> ConstantDescs.CD_Object;
            default -> kind.upperBound();
        };
        ClassDesc array = value == ConstantDescs.CD_byte ? ConstantDescs.CD_Object
                : value.arrayType();
        return MethodTypeDesc.of(ConstantDescs.CD_void, array, ConstantDescs.CD_int, value);
    }

    static boolean isBarrier(InvokeInstruction call) {
        return call.owner().asInternalName().equals(CONTEXT)
                && call.name().stringValue().endsWith("Barrier");
    }

    /// True for a constant put into an element of an array, which is how loops clear one.
    static boolean isConstant(CodeElement before, CodeElement element) {
        return element instanceof ArrayStoreInstruction && before instanceof ConstantInstruction;
    }

    /// True for `get` and `set` of the buffer types.
    static boolean isAccess(InvokeInstruction call) {
        return call.owner().asInternalName().startsWith(ARRAYS)
                && (call.name().equalsString("get") || call.name().equalsString("set"));
    }

    private void barrier(CodeBuilder builder, InvokeInstruction call) {
        boolean removed = isHere(Mutation.Kind.BARRIER_REMOVED, barriers);
        boolean swapped = isHere(Mutation.Kind.FENCE_SWAPPED, barriers);
        if (removed) {
            builder.pop();
        } else {
            site(builder);
        }
        if (swapped) {
            String other = call.name().equalsString("localBarrier") ? "globalBarrier" : "localBarrier";
            builder.invokevirtual(call.owner().asSymbol(), other, call.typeSymbol());
        } else if (!removed) {
            builder.with(call);
        }
        barriers++;
    }

    private void site(CodeBuilder builder) {
        builder.loadConstant(method << 8 ^ sites++).loadConstant(line).invokestatic(PROBE, "site", SITE);
    }

    /// An operation of a warp: its model takes its place.
    private void operation(CodeBuilder builder, InvokeInstruction call) {
        boolean left = WarpOperations.isRemovable(call)
                && isHere(Mutation.Kind.OPERATION_REMOVED, operations++);
        for (int[] place : WarpOperations.places(call)) {
            if (isHere(Mutation.Kind.PLACE_SHIFTED, places++)) {
                change(builder, call, place[0], () -> builder.loadConstant(place[1]).iadd());
            }
        }
        if (WarpOperations.hasParity(call) && isHere(Mutation.Kind.PARITY_FLIPPED, parities++)) {
            builder.iconst_1().ixor();
        }
        if (left) {
            for (int i = call.typeSymbol().parameterCount() - 1; i >= 0; i--) {
                builder.pop();
            }
            return;
        }
        if (!WarpOperations.isPlain(call)) {
            site(builder);
        }
        builder.invokestatic(WarpOperations.model(call), call.name().stringValue(), call.typeSymbol());
    }

    private boolean isHere(Mutation.Kind kind, int ordinal) {
        return mutation.kind() == kind && mutation.ordinal() == ordinal;
    }

    /// Changes one of the arguments that lie on the stack for a call.
    private static void change(CodeBuilder builder, InvokeInstruction call, int argument, Runnable how) {
        int count = call.typeSymbol().parameterCount();
        int[] slots = new int[count];
        for (int i = count - 1; i > argument; i--) {
            TypeKind kind = TypeKind.from(call.typeSymbol().parameterType(i));
            slots[i] = builder.allocateLocal(kind);
            builder.storeLocal(kind, slots[i]);
        }
        how.run();
        for (int i = argument + 1; i < count; i++) {
            builder.loadLocal(TypeKind.from(call.typeSymbol().parameterType(i)), slots[i]);
        }
    }

    private void access(CodeBuilder builder, InvokeInstruction call) {
        if (isHere(Mutation.Kind.INDEX_SHIFTED, accesses++)) {
            boolean set = call.name().equalsString("set");
            boolean wide = set && TypeKind.from(call.typeSymbol().parameterType(1)).slotSize() == 2;
            if (!set) {
                builder.iconst_1().iadd();
            } else if (wide) {
                builder.dup2_x1().pop2().iconst_1().iadd().dup_x2().pop();
            } else {
                builder.swap().iconst_1().iadd().swap();
            }
        }
        builder.with(call);
    }
}

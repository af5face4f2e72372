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

/// Adds calls of [Probe] to the bytecode of kernels, because a local array is a plain Java array,
/// whose reads and writes nothing else can see. Also applies a [Mutation] to the named method.
final class Instrumenter implements CodeTransform {

    private static final ClassDesc PROBE = ClassDesc.of("seer.sim.Probe");
    private static final String CONTEXT = "uk/ac/manchester/tornado/api/KernelContext";
    private static final String ARRAYS = "uk/ac/manchester/tornado/api/types/arrays/";
    private static final MethodTypeDesc NO_HELPER = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc ARRAY = MethodTypeDesc.of(ConstantDescs.CD_void,
            ConstantDescs.CD_Object);
    private static final MethodTypeDesc READ = MethodTypeDesc.of(ConstantDescs.CD_void,
            ConstantDescs.CD_Object, ConstantDescs.CD_int);
    private static final MethodTypeDesc SITE = MethodTypeDesc.of(ConstantDescs.CD_void,
            ConstantDescs.CD_int, ConstantDescs.CD_int);

    private final Mutation mutation;
    private final MethodTypeDesc helper;
    private final int method;
    private int barriers;
    private int accesses;
    private int constants;
    private int line;
    private CodeElement before;

    private Instrumenter(Mutation mutation, MethodTypeDesc helper, int method) {
        this.mutation = mutation;
        this.helper = helper;
        this.method = method;
    }

    static ClassTransform of(String kernel, Mutation mutation) {
        return (builder, element) -> {
            if (element instanceof MethodModel method
                    && !method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME)) {
                boolean named = method.methodName().equalsString(kernel);
                Mutation here = named ? mutation : Mutation.NONE;
                MethodTypeDesc type = named ? NO_HELPER : method.methodTypeSymbol();
                builder.transformMethod(method,
                        MethodTransform.transformingCode(
                                CodeTransform.ofStateful(() -> new Instrumenter(here, type,
                                        method.methodName().hashCode() & 0xFFFFFF))));
            } else {
                builder.with(element);
            }
        };
    }

    @Override
    public void atStart(CodeBuilder builder) {
        for (int i = 0; i < helper.parameterCount(); i++) {
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
            case ArrayLoadInstruction load -> builder.dup2().invokestatic(PROBE, "read", READ).with(load);
            case ArrayStoreInstruction store -> store(builder, store);
            case NewPrimitiveArrayInstruction made -> fresh(builder, made);
            case NewMultiArrayInstruction made -> fresh(builder, made);
            case InvokeInstruction call when isBarrier(call) -> barrier(builder, call);
            case InvokeInstruction call when isAccess(call) -> access(builder, call);
            default -> builder.with(element);
        }
        before = element;
    }

    private static void fresh(CodeBuilder builder, CodeElement made) {
        builder.with(made).dup().invokestatic(PROBE, "fresh", ARRAY);
    }

    private void store(CodeBuilder builder, ArrayStoreInstruction store) {
        boolean left = isConstant(before, store) && mutation.equals(Mutation.withoutConstant(constants++));
        if (!left) {
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
        boolean removed = mutation.equals(Mutation.withoutBarrier(barriers));
        boolean swapped = mutation.equals(Mutation.swappedFence(barriers));
        if (removed) {
            builder.pop();
        } else {
            builder.loadConstant(method << 8 | barriers).loadConstant(line).invokestatic(PROBE, "site", SITE);
        }
        if (swapped) {
            String other = call.name().equalsString("localBarrier") ? "globalBarrier" : "localBarrier";
            builder.invokevirtual(call.owner().asSymbol(), other, call.typeSymbol());
        } else if (!removed) {
            builder.with(call);
        }
        barriers++;
    }

    private void access(CodeBuilder builder, InvokeInstruction call) {
        if (mutation.equals(Mutation.shiftedIndex(accesses++))) {
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

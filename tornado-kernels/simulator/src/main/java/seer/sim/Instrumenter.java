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
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
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
    private static final MethodTypeDesc PASSED = MethodTypeDesc.of(ConstantDescs.CD_void,
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
    private int line;

    private Instrumenter(Mutation mutation, MethodTypeDesc helper, int method) {
        this.mutation = mutation;
        this.helper = helper;
        this.method = method;
    }

    static ClassTransform of(String kernel, Mutation mutation) {
        return (builder, element) -> {
            if (element instanceof MethodModel method) {
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
                builder.aload(builder.parameterSlot(i)).invokestatic(PROBE, "passed", PASSED);
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
            case ArrayLoadInstruction load -> {
                builder.dup2().invokestatic(PROBE, "read", READ).with(load);
            }
            case ArrayStoreInstruction store -> builder.invokestatic(PROBE, "write",
                    write(store.typeKind()));
            case InvokeInstruction call when isBarrier(call) -> barrier(builder, call);
            case InvokeInstruction call when isAccess(call) -> access(builder, call);
            default -> builder.with(element);
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

    /// True for `get` and `set` of the buffer types.
    static boolean isAccess(InvokeInstruction call) {
        return call.owner().asInternalName().startsWith(ARRAYS)
                && (call.name().equalsString("get") || call.name().equalsString("set"));
    }

    private void barrier(CodeBuilder builder, InvokeInstruction call) {
        boolean removed = mutation.equals(Mutation.withoutBarrier(barriers));
        if (removed) {
            builder.pop();
        } else {
            builder.loadConstant(method << 8 | barriers).loadConstant(line).invokestatic(PROBE, "site", SITE)
                    .with(call);
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

"""The rules of type checkers: closed sets, because their ids are words and any text of a stranger would pass for one.

Newer releases have more; such a rule counts as `OtherRule` until it stands here.
"""

_MYPY = (
    "abstract annotation-unchecked arg-type assert-type assignment attr-defined await-not-async call-arg "
    "call-overload comparison-overlap deprecated dict-item empty-body exhaustive-match exit-return explicit-any "
    "explicit-override func-returns-value has-type ignore-without-code import import-not-found import-untyped "
    "index list-item literal-required maybe-unrecognized-str-typeform metaclass method-assign misc "
    "mutable-override name-defined name-match narrowed-type-not-subtype no-any-return no-any-unimported "
    "no-overload-impl no-redef no-untyped-call no-untyped-def nonetype-type operator overload-cannot-match "
    "overload-overlap override possibly-undefined prop-decorator redundant-cast redundant-expr redundant-self "
    "return return-value safe-super str-bytes-safe str-format str-unpack syntax top-level-await truthy-bool "
    "truthy-function truthy-iterable type-abstract type-arg type-var typeddict-item typeddict-readonly-mutated "
    "typeddict-unknown-key unimported-reveal union-attr unreachable untyped-decorator unused-awaitable "
    "unused-coroutine unused-ignore used-before-def valid-newtype valid-type var-annotated "
)
_PYRIGHT = (
    "AbstractUsage Any ArgumentType AssertAlwaysTrue AssertTypeFailure AssignmentType AttributeAccessIssue "
    "CallInDefaultInitializer CallIssue ConstantRedefinition Deprecated DuplicateImport EmptyAbstractUsage "
    "ExplicitAny FunctionMemberAccess GeneralTypeIssues IgnoreCommentWithoutRule ImplicitAbstractClass "
    "ImplicitOverride ImplicitRelativeImport ImplicitStringConcatenation ImportCycles IncompatibleMethodOverride "
    "IncompatibleUnannotatedOverride IncompatibleVariableOverride IncompleteStub InconsistentConstructor "
    "InconsistentOverload IndexIssue InvalidAbstractMethod InvalidCast InvalidStringEscapeSequence "
    "InvalidStubStatement InvalidTypeArguments InvalidTypeForm InvalidTypeVarUse MatchNotExhaustive "
    "MissingImports MissingModuleSource MissingParameterType MissingSuperCall MissingTypeArgument "
    "MissingTypeStubs NoOverloadImplementation OperatorIssue OptionalCall OptionalContextManager OptionalIterable "
    "OptionalMemberAccess OptionalOperand OptionalSubscript OverlappingOverload PossiblyUnboundVariable "
    "PrivateImportUsage PrivateLocalImportUsage PrivateUsage PropertyTypeMismatch Redeclaration ReturnType "
    "SelfClsDefault SelfClsParameterName TypeCommentUsage TypedDictNotRequiredAccess UnannotatedClassAttribute "
    "UnboundVariable UndefinedVariable Unhashable UninitializedInstanceVariable UnknownArgumentType "
    "UnknownLambdaType UnknownMemberType UnknownParameterType UnknownVariableType UnnecessaryCast "
    "UnnecessaryComparison UnnecessaryContains UnnecessaryIsInstance UnnecessaryTypeIgnoreComment Unreachable "
    "UnsafeMultipleInheritance UnsupportedDunderAll UntypedBaseClass UntypedClassDecorator "
    "UntypedFunctionDecorator UntypedNamedTuple UnusedCallResult UnusedClass UnusedCoroutine UnusedExcept "
    "UnusedExpression UnusedFunction UnusedImport UnusedParameter UnusedVariable WildcardImportFromLibrary "
)
MYPY_RULES = frozenset(_MYPY.split())
"""mypy.readthedocs.io, "Error code list"."""
PYRIGHT_RULES = frozenset(f"report{name}" for name in _PYRIGHT.split())
"""docs.basedpyright.com, "Configuration reference": those of pyright, and those that only basedpyright has."""

//! What the cases answer: Zephyr's tests of memory protection and system calls, what those leave
//! out, flaws of SOF's stack, and the rules of this design. Numbers are those of docs/isolation.md.

/// One thing that is answered, by names of cases. A name that ends with `*` stands for all that
/// begin so.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Its number in its list.
    pub number: u16,
    /// What it is.
    pub what: &'static str,
    /// The cases.
    pub cases: &'static [&'static str],
}

impl Answer {
    /// Whether the case of that name is one of them.
    #[must_use]
    pub fn names(&self, case: &str) -> bool {
        self.cases.iter().any(|name| match name.strip_suffix('*') {
            Some(start) => case.starts_with(start),
            None => case == *name,
        })
    }
}

macro_rules! answers {
    ($($number:literal $what:literal [$($case:literal)*];)*) => {
        &[$(Answer { number: $number, what: $what, cases: &[$($case),*] },)*]
    };
}

/// The tests of Zephyr's `tests/kernel/mem_protect` that concern memory and system calls.
pub const ZEPHYR: &[Answer] = answers! {
    1 "user code runs in user mode" ["rsr.ps" "rsil 0"];
    3 "control registers are out of reach" ["rsr.ps" "wsr.ps" "xsr.ps"];
    4 "protection cannot be turned off" ["wdtlb" "witlb" "iitlb" "idtlb" "wsr.rasid" "wsr.ptevaddr" "wsr.itlbcfg" "wsr.dtlbcfg"];
    5 "kernel memory is not read" ["load kernel data"];
    6 "kernel memory is not written" ["store kernel data"];
    7 "kernel constants are not written" ["store kernel text, deep"];
    8 "kernel text is not written" ["store kernel text"];
    9 "kernel data is not read" ["load kernel data" "load direct map" "load direct map, uncached"];
    10 "kernel data is not written" ["store kernel data" "store direct map" "store direct map, uncached"];
    11 "the stack of system calls is not read" ["load stack of system calls"];
    12 "the stack of system calls is not written" ["store stack of system calls"];
    20 "there is no way back from user mode" ["rfe" "rfde" "rfi 1" "rfi 2" "rfi 6" "rsil 0" "wsr.ps" "wsr.epc1"];
    23 "another domain's partition is out of reach" ["page of another domain" "load other module" "store other module"];
    24 "a thread that joins a domain has it" ["thread joins, then runs"];
    25 "a partition that is added is there" ["own page"];
    26 "a partition that is removed is gone" ["revoked before it was touched"];
    27 "the same for a thread that is switched in" ["thread joins, then runs" "three domains in turn"];
    28 "a partition that is added is there after a switch" ["granted while it runs"];
    29 "a partition that is removed is gone after a switch" ["revoked while another domain runs"];
    30 "a number without a call is refused" ["call number one too many" "the last call number of the table" "call number 33"];
    31 "numbers beyond all calls are refused" ["call number 2^31" "call number -1" "call number -2"];
    33 "a user's panic is the user's" ["panic" "ill" "break 1, 15"];
    38 "a system call runs in its context" ["registers after ticks" "registers after a trace" "look for leaks"];
    43 "a partition removed while its thread is away" ["revoked while another domain runs" "text revoked while another domain runs"];
    44 "partitions behind a removed one stay" ["neighbours of a revoked partition"];
    45 "switches between threads of the kernel" ["windows of 4, deep, an interrupt"];
    46 "switches between users of two domains" ["three domains in turn"];
    47 "switches between kernel and user" ["storm of system calls" "storm of yields"];
    50 "the own domain is accessed" ["own page"];
    51 "no domain, no access" ["page of another domain" "constants of another domain"];
    52 "read-only partitions are not written" ["write to read only" "write own rodata" "write the input"];
    53 "a removed partition can be added again" ["revoked and granted again"];
    54 "calls of the kernel's are not a user's" ["jump kernel text" "jump kernel text, deep" "jump kernel data"];
    55 "who is in no domain has none" ["revoked before it was touched"];
    56 "a thread goes to another domain" ["thread moves on"];
    57 "an overlap is refused" ["overlap" "overlap behind a hole"];
    58 "one partition too many is refused" ["more partitions than there may be"];
    59 "what is not in the domain is not removed" ["revoke what is not there" "revoke what is another's"];
    60 "a domain with a bad partition is refused" ["one bad frame among good ones"];
    62 "no partition is refused" ["partition of no pages"];
    63 "a partition of no bytes is refused" ["partition of no pages"];
    64 "a partition that wraps is refused" ["partition around the end of addresses" "partition beyond the slot"];
    65 "no bytes are not removed" ["revoke what is not there"];
    66 "a domain is taken down" ["neighbour of the dead" "more domains than ASIDs"];
    106 "all partitions are inherited or none" ["inherited" "inherited all or nothing" "own pages inherited"];
    107 "a string of the kernel's, or of nobody's" ["log kernel text" "log kernel data" "log null" "log the direct map"];
    108 "a string of no bytes" ["claim: no bytes"];
    109 "a string is copied or refused" ["log across the end of memory" "log all addresses" "log another module"];
    110 "the same into the kernel's buffer" ["log from before own memory" "log around into own memory" "log around the end of addresses"];
    111 "a copy to the kernel's memory is refused" ["heap info to kernel data" "heap info to kernel text" "time to kernel data"];
    112 "arguments of 64 bits" ["time one byte off" "time four bytes off" "time to own rodata"];
    113 "more arguments than registers" ["source record to kernel data" "sink record to kernel data" "source record two bytes off"];
    116 "constants are not written" ["write own rodata" "write own rodata, uncached" "swap own rodata"];
    117 "text is not written" ["write own text" "write own text, uncached" "swap own text"];
    118 "data is not executed" ["execute own data" "execute own data, uncached" "execute data"];
    119 "the stack is not executed" ["execute own stack"];
    120 "the heap is not executed" ["execute an allocation"];
    130 "the ring of a page decides" ["page of the kernel's ring" "page of the module's ring"];
    186 "one page: read and write without the right" ["claim: write a readable page"];
    187 "one page: write with the right" ["claim: write a writable page"];
    188 "one page: read with the right" ["claim: read a readable page"];
    189 "one page: write without the right" ["claim: write a readable page"];
    190 "one page: the kernel's, read and write" ["claim: the kernel's memory"];
    191 "one page: the kernel's, write" ["claim: the kernel's memory"];
    192 "one page: the user's for the user" ["claim: read a writable page"];
    193 "one page: the kernel's for the user" ["claim: the kernel's memory" "claim: read nothing"];
    194 "two pages: without the right" ["claim: two readable pages"];
    195 "two pages: write without the right" ["claim: readable, then writable" "claim: writable, then readable"];
    196 "two pages: read without the right" ["claim: writable, then nothing"];
    197 "two pages: the user's and not the user's" ["claim: nothing, then writable" "claim: writable, then nothing"];
    198 "two tables: read and write without the right" ["claim: across the end of the slot"];
    199 "two tables: write with the right" ["claim: two writable pages"];
    200 "two tables: read with the right" ["claim: two readable pages"];
    201 "two tables: write without the right" ["claim: across the end of the slot"];
};

/// What no test of Zephyr's covers.
pub const BEYOND: &[Answer] = answers! {
    1 "touched, then revoked, in this and in another domain" ["read, then revoked" "written, then revoked" "revoked while another domain runs"];
    2 "text revoked after it ran" ["executed, then revoked" "text revoked while another domain runs" "executed by the uncached address, then revoked"];
    3 "a partition grants no byte beyond its pages" ["byte before and byte behind" "claim: unaligned"];
    4 "an overlap behind a hole" ["overlap behind a hole"];
    5 "a buffer that ends in the last page, or wraps" ["claim: around the end of addresses" "log around the end of addresses" "log all addresses"];
    6 "a stack pointer into the kernel at an interrupt" ["stack in kernel data, interrupt" "stack in direct map, interrupt"];
    7 "a spilled frame that points into the kernel at a system call" ["older stack in kernel data, system call" "older stack in direct map, system call" "stack in kernel data, system call"];
    8 "ASIDs run out and come round" ["more domains than ASIDs" "no more places"];
    9 "exhaustion in the middle of a grant" ["one bad frame among good ones" "frame in use" "more partitions than there may be"];
    10 "revoked on another core while it is in use" ["revoked while another core reads it" "a core that does not answer" "turns of two cores under one lock"];
    11 "revoked between check and copy" ["ask about what another core rewrites" "claim: after a revocation" "revoked while another core reads it"];
    12 "heap records spoiled by a user" ["free inside an allocation" "free twice" "free one byte into an allocation" "free own data"];
    13 "a domain over the kernel's memory" ["frame of the kernel"];
    14 "writable by one alias, executable by the other" ["write to text" "executable here, writable there" "writable and executable at two pages"];
    15 "a domain that is gone" ["next tenant of the tables" "frame to another domain"];
    16 "a fault halts nobody else" ["storm of system calls" "never return" "recursion by 4"];
    17 "one bad page in a good span, any start, the end of a table" ["claim: one bad page among good ones" "claim: unaligned" "claim: across the end of the slot"];
};

/// Flaws of SOF's stack that a module or a file can reach.
pub const FLAWS: &[Answer] = answers! {
    1 "entry points with the kernel's rights" ["rsr.ps in *" "load kernel data in *" "store kernel data in *"];
    2 "tables of functions in module memory" ["write own rodata" "jump kernel text"];
    3 "the same of buffers" ["write the input" "store other module"];
    4 "a forged record is freed" ["free own data" "give back own rodata" "give back the stack"];
    5 "a forged caller" ["free another module's memory" "free another module's memory, uncached"];
    6 "links in module memory are followed" ["free inside an allocation" "free own data"];
    7 "freed into another allocator" ["give back an allocation" "free the input"];
    8 "answers through module memory" ["heap info to kernel data" "source record to kernel data"];
    9 "pointers in configurations" ["load kernel data in set_config" "store kernel data in get_config"];
    10 "heap records in the heap" ["free one byte into an allocation" "free twice"];
    11 "a buffer's geometry in module memory" ["commit what was not got" "release what was not got" "release a sink's pin"];
    12 "a trusted context in module memory" ["store other module" "free own data"];
    13 "what was checked is read again" ["ask about what another core rewrites" "log another module, uncached" "write own text, uncached" "claim: by the uncached address"];
    14 "a lock that modules take" ["storm of yields" "never return"];
    15 "a completion that others can give" ["never return in set_config" "never return in get_config"];
    16 "a loop in the kernel over a module's list" ["free own data" "storm of allocations"];
    17 "an alignment that panics" ["allocate with an odd alignment" "allocate with a vast alignment"];
    18 "a size that wraps" ["allocate all addresses" "allocate almost all addresses" "allocate half the addresses"];
    19 "no bounds" ["never return" "exhaust the region" "storm of log lines" "storm of trace records" "trace until there is no room"];
    20 "calls without authority" ["pin that nothing is bound to" "pin beyond the last" "call number one too many"];
    21 "a trace record is written into" ["trace kernel data" "trace behind own memory" "trace the stack of the kernel"];
    22 "a wrong size spoils a constant" ["constants over the end of own memory" "constants of another module"];
    25 "a module frees what the runtime works with" ["free the stack" "free the input" "free own text"];
    28 "a query leaves its answer unwritten" ["heap info to own rodata" "heap info to the end of addresses"];
    29 "memory is free before it is lost" ["frame to another domain" "reader's page revoked"];
    30 "long work under a lock" ["constants of the direct map" "storm of allocations"];
    31 "copies of constants leak" ["give back null" "give back own rodata"];
    32 "shared copies lie with another" ["give back another module" "constants of another module, uncached"];
    36 "given back too often" ["free twice" "give back an allocation"];
    38 "an address inside a block is freed" ["free inside an allocation" "free one byte into an allocation"];
    39 "a size that wraps to nothing" ["allocate all addresses" "allocate almost all addresses"];
    40 "a second instance without code" ["shared text"];
    41 "undoing what was never there" ["partition of no pages" "revoke what is not there"];
    42 "sizes in a file are believed" ["file: *"];
    43 "requests to what is not there" ["never return in trigger" "rsr.ps in trigger"];
    44 "all modules read the host's mailbox" ["load direct map" "load other module" "page of another domain"];
    45 "old bytes are seen" ["look for the mark in memory" "look for the mark in registers" "next tenant of the frame"];
    46 "rounding shows a neighbour" ["byte before and byte behind" "claim: writable, then nothing"];
    47 "a stack of several modules" ["look for the mark in registers" "look for leaks" "load stack of system calls"];
    48 "data of several instances" ["next tenant of the frame" "three domains in turn"];
    49 "statistics can be forged" ["heap info to own text" "time to own text"];
};

/// The rules of the design.
pub const RULES: &[Answer] = answers! {
    1 "nothing that the kernel trusts lies where a module can write" ["store *" "swap *" "write back *"];
    2 "a module names its own things only" ["free *" "give back *" "pin *"];
    3 "an address from a module is a claim until proven" ["log *" "heap info to *" "time to *" "constants of *" "source record *" "sink record *" "trace *" "claim: *"];
    4 "the kernel stores nowhere by an address out of a module's register" ["stack in *" "older stack in *" "windows of *"];
    5 "a domain reaches exactly its partitions" ["load *" "jump *" "page of another domain" "read, then revoked" "written, then revoked" "byte before and byte behind"];
    6 "no frame is writable and executable" ["write own text" "write own text, uncached" "execute *" "writable and executable*" "executable here, writable there"];
    7 "both aliases or nothing" ["read by the uncached address, then revoked" "executed by the uncached address, then revoked" "one bad frame among good ones" "inherited all or nothing"];
    8 "frames are zero when handed out" ["look for the mark in memory"];
    9 "death returns everything" ["more domains than ASIDs" "no more places" "next tenant of the tables"];
    10 "no input can panic, hang or slow the kernel" ["call number *" "allocate *" "never return*" "storm of *" "file: *"];
    11 "every entry point runs in the module's own domain at user ring" ["rsr.ps in *" "load kernel data in *" "store kernel data in *" "execute own data in *"];
    12 "what comes from outside is copied into the module's own pages" ["write the input" "write the input, uncached" "swap the input" "execute the input"];
};

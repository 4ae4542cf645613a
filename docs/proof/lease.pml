/*
 * The leased cache, for spin: one session, one node that keeps it in memory, one revoke at another node, and a store whose
 * primary is deposed at some point, and goes on answering reads.
 *
 * Time is counted in ticks, and every step of everybody may take any number of them: a pause, a message on its way,
 * a process that is stopped. No time is kept as such, only what is left of something or how long ago it was, up to where
 * it makes no difference any more. So the states are few, and a run may be of any length.
 *
 * The promise, with L ticks for the lease:
 *   bounded          no request is let in that starts L ticks or more after the revoke was answered
 *   strict (-DSTRICT)  no request is let in that starts after the revoke was answered
 *
 * -DNAME leaves out one rule, or breaks it; the README says which and what then happens. Every such name is looked for
 * below with ifdef.
 */

#define L 3          /* a lease, in ticks of the node's clock */
#define RATE 1       /* ticks by which a clock may be wrong in L of them */

#ifdef NO_MARGIN
#define MARGIN 0
#else
#define MARGIN RATE  /* what the node takes off its lease */
#endif
#ifdef NO_WAIT_MARGIN
#define WAIT L
#else
#define WAIT (L + RATE) /* how long a strict revoke waits, on its own clock, for a node that does not apply it */
#endif

#define NO 3         /* no incarnation; no answer yet */
#define UNANSWERED (L + 1)

/* The store: the primary that others follow. */
byte head;           /* the position of the last change */
bool revoked;        /* the session has ended */
byte rpos;           /* the position of that change */
byte tail;           /* changes up to this position are gone from the feed */
bool locked;         /* a revoke has the head row */
byte inc;            /* the incarnation: 1 after the failover */
#ifdef STRICT
bool row;            /* the node is written down */
byte rowpos;         /* with this position applied */
#endif
#ifdef SEQUENCE
byte sequence;       /* the last number given out; a change becomes visible when it is committed, with its number */
bool held[3];        /* numbers given out and not committed */
#endif

/* The deposed primary: what it knew when it was. */
bool oldrevoked;
#ifdef STRICT
bool oldrow;
byte oldrowpos;
#endif
#ifdef READ_RENEWAL
byte oldhead, oldrpos;
#endif

/* The node. */
bool cached;         /* the session is in its cache */
bool ticket;         /* the permission to fill that is out is good */
byte left;           /* ticks for which its lease still holds */
byte ninc = NO;      /* the incarnation that the lease is from */
byte pos;            /* changes up to here are applied */
byte age = L;        /* ticks since the time noted for the renewal under way */
byte skipped;        /* ticks until its clock may lose another one */

/* The request at that node. */
byte rleft;          /* ticks for which the lease that it read still holds */
byte asked;          /* it waits for a renewal: for one to begin, for that one to end, no more */
#define WANTED  1
#define UNDERWAY 2
#define RENEWED 3
#ifdef RENEWAL_UNDER_WAY
#define QUESTION UNDERWAY
#else
#define QUESTION WANTED
#endif

/* The revoke. */
byte waited = WAIT;  /* ticks of its own clock since it was committed */
byte hurried;        /* ticks until its clock may gain another one */
byte since = UNANSWERED; /* ticks since its answer */

#ifdef STRICT
#define LATE (since != UNANSWERED)
#else
#define LATE (since == L)
#endif

#if defined(PUSH_ONLY)
#define TRUSTED true
#else
#define TRUSTED (rleft > 0)
#endif

inline drop() { atomic { cached = false; ticket = false } }

/* Clocks: each tick is one for everything, but that the node's clock may lose it, and the revoker's count it twice. Those are the
 * directions that hurt: the other two make a lease shorter and a wait longer. */
inline nodetick() {
	if :: left  > 0 -> left--  :: else fi;
	if :: rleft > 0 -> rleft-- :: else fi;
	if :: age   < L -> age++   :: else fi  /* L: none is under way, or it is too old */
}

#define COUNTING (left > 0 || rleft > 0 || age < L)

active proctype Clock() {
	do
	:: atomic {
		if
		:: skipped == 0 && COUNTING ->
#ifndef SUSPEND
			skipped = L - 1
#else
			skip          /* the clock stands still while the machine sleeps */
#endif
		:: true ->
			nodetick();
			if :: skipped > 0 && COUNTING -> skipped-- :: else -> skipped = 0 fi
		fi;
#ifdef STRICT
		if
		:: hurried == 0 && waited < WAIT -> hurried = L - 1; waited = (waited + 2 > WAIT -> WAIT : waited + 2)
		:: true ->
			if :: waited < WAIT -> waited++ :: else fi;
			if :: hurried > 0 -> hurried-- :: else fi
		fi;
#endif
#ifndef STRICT
		if :: since < L -> since++ :: else fi
#endif
	}
	od
}

/* Something else happens to the store: another change, once; the feed is trimmed; the primary is deposed, once. */
active proctype Others() {
#ifdef SEQUENCE
	byte mine;
	if
	:: true -> skip
	:: atomic { sequence++; mine = sequence; held[mine] = true };
	   atomic { held[mine] = false; head = (head > mine -> head : mine) }
	fi
#elif defined(READ_FIRST) || defined(SNAPSHOT_FIRST)
	skip                            /* a transaction does not outlive its primary */
#else
	bool changed, deposed;
	do
	:: atomic { !changed && !locked -> changed = true; head++ }
#ifndef STRICT               /* it is the same with both promises */
	:: atomic { revoked && tail < head -> tail = head }
#endif
	:: atomic { !deposed && !locked ->
		deposed = true;
		inc = 1; oldrevoked = revoked;
#ifdef STRICT
		if
		:: revoked && !LATE -> oldrow = row; oldrowpos = rowpos
		:: else                         /* nobody will read them */
		fi;
#endif
#ifdef READ_RENEWAL
		oldhead = head; oldrpos = rpos;
#endif
		if
		:: true
		:: head > 0 && !revoked ->      /* the other change is lost */
			head = 0; tail = 0;
#ifdef STRICT
			rowpos = 0
#endif
		fi
	   }
	od
#endif
}

/* The revoke, and what its client waits for. */
active proctype Revoke() {
#ifdef SEQUENCE
	atomic { sequence++; rpos = sequence; held[rpos] = true };
	atomic { held[rpos] = false; head = (head > rpos -> head : rpos); revoked = true; waited = 0 };
#else
#ifdef NODES_BEFORE_COMMIT
	bool none;
	none = !row;
#endif
#ifdef WAIT_FROM_START
	waited = 0;
#endif
	atomic { !locked -> locked = true };
	atomic { head++; rpos = head; revoked = true; locked = false
#ifndef WAIT_FROM_START
		; waited = 0
#endif
	};
#endif
#ifdef STRICT
	atomic {
	if
#ifdef NODES_BEFORE_COMMIT
	:: none
	:: !none && row && rowpos >= rpos
#else
	:: !row
	:: row && rowpos >= rpos
	:: inc == 1 && (!oldrow || oldrowpos >= rpos) && oldrevoked
#endif
	:: waited >= WAIT
	fi;
	since = 0; waited = WAIT; hurried = 0; row = false; rowpos = 0; oldrow = false; oldrowpos = 0 }
#else
	since = 0
#endif
}

/* What the store answers to a renewal. */
inline readfeed() {
	ghead = head; ginc = inc;
	gclear = ninc != inc || pos < tail || pos > head;
#ifdef SEQUENCE
	gclear = gclear || (pos < 1 && held[1] && head > 1);
#endif
#ifdef FIRST_NOT_CLEARED
	gclear = gclear && ninc != NO;
#endif
#ifdef GAP_IGNORED
	gclear = ninc != inc;
#endif
#ifdef INCARNATION_IGNORED
	gclear = ninc == NO || pos < tail || pos > head;
#endif
	gdrop = gclear || (revoked && rpos > pos && rpos > tail);
	gclear = false
}

inline writerow() {
#ifdef STRICT
	if
	:: LATE                 /* nobody reads it any more */
#ifdef APPLIED_ELSEWHERE
	:: !LATE -> row = true; rowpos = pos
#else
	:: !LATE -> row = true; rowpos = (ninc == inc -> pos : 0)
#endif
	fi
#else
	skip
#endif
}

inline extend() {
	atomic {
	pos = ghead; ninc = ginc;
#ifdef FROM_RECEIPT
	left = L - MARGIN
#else
	left = (age < L - MARGIN -> L - MARGIN - age : 0)
#endif
	}
}

/* The node: renews its lease, stops, and starts again. */
active proctype Renew() {
	byte ghead, ginc;
	bool gclear, gdrop;
	do
	:: atomic { age = 0; if :: asked == WANTED -> asked = UNDERWAY :: else fi };
		if
		:: true -> goto lost            /* the question is, or the answer; or somebody gives up */
#ifdef READ_RENEWAL
		:: atomic { inc == 1 ->         /* the deposed primary */
			ghead = oldhead; ginc = 0; gdrop = ninc != 0 || (oldrevoked && oldrpos > pos) }
#endif
#if defined(READ_FIRST)
		:: readfeed();
		   writerow()
#elif defined(SNAPSHOT_FIRST)
		:: readfeed();
		   atomic { !locked -> writerow() }
#else
		:: atomic { writerow() };       /* committed before the feed is read */
		   atomic { readfeed() }
#endif
		fi;
		if
		:: true -> goto lost
		:: true
		fi;
#ifdef EXTEND_FIRST
		extend();
		if :: gdrop -> drop() :: else fi;
#else
		if
		:: gdrop ->
#ifndef INCARNATION_LATE
			ninc = ginc;
#endif
			drop()
		:: else
		fi;
		extend();
#endif
		atomic { if :: asked == UNDERWAY -> asked = RENEWED :: else fi };
lost:		atomic { ghead = 0; ginc = 0; gdrop = false; age = L }
#ifdef STRICT
	:: atomic { row && left == 0 -> row = false }  /* it was silent for so long that it is forgotten, and goes on */
#endif
	:: true ->                              /* it stops, and another process starts, which knows nothing */
#ifndef STRICT
		left = 0;
#elif defined(RELEASE_FIRST)
		row = false;
		left = 0;
#else
		left = 0;
		if
		:: true -> row = false
		:: true                         /* killed */
		fi;
#endif
		atomic { drop(); pos = 0; ninc = NO }
	od
}

/* A request, again and again: one that finds the session in the cache, or one that loads it. Of the former, those that start in
 * time are left out, as they change nothing and may be let in. It starts when it takes its first step: had it started
 * before, so much less would be asked of it. */
active proctype Request() {
	bool late, hit;
	byte linc;
	do
#ifdef LEASE_AFTER_LOOKUP
	:: atomic { LATE -> hit = cached };
		rleft = left;
#else
	:: atomic { LATE -> rleft = left };
		hit = cached;
#endif
		assert(!hit || !TRUSTED);
		atomic { hit = false; rleft = 0 }
	:: atomic { late = LATE; ticket = true };
		rleft = left;
		atomic {                /* the store answers; only that the session is there is used */
			if
			:: !revoked -> linc = inc
			:: inc == 1 && !oldrevoked -> linc = 0
			:: true -> goto done
			fi
		};
#ifndef LOAD_UNLEASED
		if                      /* within a lease, or else before a renewal that was asked for afterwards */
		:: rleft > 0 -> rleft = 0
		:: rleft == 0 ->
			asked = QUESTION;
			if
			:: atomic { asked == RENEWED -> asked = 0 }
			:: goto done
			fi
		fi;
#endif
		atomic {
#ifndef LOAD_ANY_INCARNATION
			if
			:: ninc == linc
			:: else -> goto done
			fi;
#endif
			linc = 0; rleft = 0
		};
		atomic {
#ifdef NO_TICKET
			ticket = true;
#endif
			assert(!late);
			if
			:: ticket -> cached = true
			:: else
			fi
		};
done:		atomic { late = false; ticket = false; rleft = 0; linc = 0; asked = 0 }
	od
}

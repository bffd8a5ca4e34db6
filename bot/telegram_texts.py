"""Every sentence that the bot says for itself, in one place, so that translations can follow."""

from __future__ import annotations

from retrieval.domain import SpeechKind

COMMANDS_PRIVATE = (
    ("ask", "ask a question (or just type it)"),
    ("sources", "what can be asked about"),
    ("proof", "reply to an answer: check its quotations again"),
    ("why", "what was read for the last answer"),
    ("reset", "forget what we talked about, start afresh"),
    ("cancel", "stop working on my question"),
    ("help", "how this works"),
    ("privacy", "what is kept"),
    ("forget", "delete everything kept about this chat"),
)
COMMANDS_GROUP = (
    ("ask", "ask a question"),
    ("proof", "reply to an answer: check its quotations again"),
    ("why", "what was read for the last answer"),
    ("sources", "what can be asked about"),
    ("reset", "start afresh in this chat or topic"),
    ("help", "how this works"),
)
ABOUT = (
    "Ask an article; get an answer and the exact words it rests on. Every quotation is checked "
    "character by character against the source before you see it."
)
ABOUT_SHORT = "Answers about articles, with the exact words they rest on."

START = (
    "I answer questions about {subject}.\n"
    "Each answer comes with the exact words it rests on, folded underneath: tap to unfold them.\n"
    "Every quotation is checked, character by character, against the source.\n"
    "If the source does not say, I tell you so.\n"
    "Type a question{examples}"
)
START_WITH_EXAMPLES = ", or tap one of these:"
START_WITHOUT_EXAMPLES = "."
ONE_SUBJECT = "the article “{title}”"
MANY_SUBJECTS = "{n} articles (see /sources)"
NO_SUBJECTS = "articles, but none has been added yet"

HELP = (
    "Type a question; I answer from the articles that /sources lists and quote the words that the "
    "answer rests on.\n\n"
    "Under an answer:\n"
    "Source – the passage where the quotation stands\n"
    "Why – everything I read for it\n"
    "👍 👎 – tell me which quotation was right or wrong\n\n"
    "You can ask on (“and when was that?”), edit a question to have its answer updated, or reply "
    "to any message with some words selected to ask about exactly those.\n\n"
    "/sources – what can be asked about\n"
    "/proof – in reply to any answer, however old: its quotations, checked again now\n"
    "/why – what was read for the last answer\n"
    "/reset – start afresh\n"
    "/cancel – stop working on a question\n"
    "/privacy – what is kept\n"
    "/forget – delete all of it\n\n"
    "In groups, write /ask and your question, or reply to one of my messages. Mentioning me works "
    "only where the group lets me read along (privacy mode off)."
)
PRIVACY = (
    "What I keep, on the machine of the person who runs me: your questions in this chat, my "
    "answers with their quotations, and your 👍 and 👎. That is what /proof, /why and follow-up "
    "questions need.\n\n"
    "Nobody in another chat can see any of it. The person who runs me can, and may use the "
    "ratings to test how well I answer.{chat_model}\n\n"
    "/forget deletes everything of this chat at once."
)
PRIVACY_CHAT_MODEL = (
    " Questions and passages are also sent to the language model {name}, which that person chose."
)
FORGOTTEN = "Done. Everything kept about this chat is deleted."
FORGET_ADMIN_ONLY = "In a group only an administrator can use /forget."
RESET = "Forgotten what we talked about here. Your next question starts afresh."

SOURCES_ONE = "You can ask about this article:"
SOURCES_MANY = "You can ask about these {n} articles:"
SOURCES_MORE = "… and {n} more."
SOURCES_NONE = (
    "No article has been added yet. The person who runs me can add one with the command ibid index."
)

READ_AS = "↪ Read as: {question}"
YOU_ASKED = "You asked: {question}"
ABSTAINED = "I found no passage that answers this."
NEAREST = "Nearest passage, which does not answer it:"
CONTINUED = "{marker} continued"
IBID = "ibid., ¶ {paragraph}"
PLACE = "{title}, ¶ {paragraph}"

BUTTON_SOURCE = "Source"
BUTTON_WHY = "Why"
BUTTON_RIGHT = "👍"
BUTTON_WRONG = "👎"
BUTTON_AGREED = "👍 Right"
BUTTON_MISSED = "👎 It does say"
BUTTON_EARLIER = "← Earlier"
BUTTON_LATER = "Later →"
BUTTON_BACK = "Back"
REASONS = (
    ("q", "wrong_quote", "Wrong quote"),
    ("s", "does_not_support", "Does not support it"),
    ("i", "incomplete", "Incomplete"),
)
THANKS = "Thank you, noted."
ONLY_ANSWERED_HERE = "I do not have that answer here any more."

SOURCE_HEADING = "{title}, from ¶ {paragraph}"
SOURCE_POINTER = "{marker} stands here."
SOURCE_UNPOINTED = "{marker} is in the passage above, but Telegram would not mark it."
SOURCE_GONE = "The source has been removed since, so I cannot show its passage any more."
SOURCE_CHANGED = "The source has changed since, and these words are no longer in it."
NO_MORE_TEXT = "There is nothing more in that direction."

WHY_HEADING = "For “{question}” I read {n} passages; ✓ marks those I quoted."
WHY_HEADING_ONE = "For “{question}” I read one passage; ✓ marks what I quoted."
WHY_CONFIDENCE = "My confidence that the first quotation holds the answer: {percent} %."
WHY_CONFIDENCE_ABSTAINED = "My confidence that any of them holds an answer: {percent} %, too low."
WHY_NOTHING_READ = "For “{question}” there was no passage to read."
WHY_SCORES = "Score: how near a passage is to the question; higher is nearer."
WHY_LINE = "{rank}. {used}¶ {paragraph} · score {score:.2f}"
WHY_LINE_TITLED = "{rank}. {used}{title}, ¶ {paragraph} · score {score:.2f}"
WHY_REMOVED = "(changed or removed since)"
WHY_WHICH = "There is no answer in this conversation yet. Ask something first."

PROOF_HEADING = "Checked again on {date}, for “{question}”:"
PROOF_VERIFIED = "{marker} stands in the source, character for character — {place}"
PROOF_MOVED = (
    "{marker} The source has changed since {date}. These words still stand in it — {place}"
)
PROOF_CHANGED = (
    "{marker} The source has changed since {date}, and these words are no longer in it. "
    "What I quoted then:"
)
PROOF_GONE = (
    "{marker} The source “{title}” has been removed since {date}, so this can no longer be "
    "checked. What I quoted then:"
)
PROOF_ABSTAINED = "For “{question}” I had found no answer, so there is nothing to prove."
PROOF_WHICH = "Reply with /proof to one of my answers, and I will check its quotations again."
PROOF_UNKNOWN = (
    "I have no record of that message as an answer of mine. It may have been deleted with /forget."
)

GREETINGS = frozenset(
    {
        *("hi", "hello", "hey", "hi there", "hello there", "good morning", "good evening"),
        *("hallo", "guten tag", "hola", "salut", "bonjour", "ciao", "привет", "здравствуйте"),
    }
)
THANKS_SAID = frozenset(
    {
        *("thanks", "thank you", "thanks a lot", "thank you very much", "ok", "okay", "great"),
        *("danke", "gracias", "merci", "grazie", "спасибо"),
    }
)
WELCOME = "You are welcome."

ASK_WHAT = "Write your question after the command, for example: /ask {example}"
ASK_EXAMPLE = "What is this article about?"
TOO_LONG = "That question is longer than {limit} characters. Please ask it more briefly."
ONLY_TEXT = "I read text only, so I cannot use {kind}. Please type your question as a text message."
DOCUMENT_NOT_TAKEN = (
    "I cannot take files yet. The person who runs me adds articles with the command ibid index; "
    "/sources lists what can be asked about now."
)
FORWARDED = (
    "You forwarded this to me. To ask about it, reply to it with your question; to ask about some "
    "of its words, select them first. I answer from the articles that /sources lists."
)
UNKNOWN_COMMAND = "I do not know that command. /help lists what I can do."
KINDS = {
    "photo": "a picture",
    "voice": "a voice message",
    "audio": "a sound file",
    "video": "a video",
    "video_note": "a video message",
    "sticker": "a sticker",
    "animation": "an animation",
    "location": "a location",
    "contact": "a contact",
    "poll": "a poll",
    "dice": "a die",
}
KIND_UNKNOWN = "this kind of message"

CANCELLED = "Stopped."
NOTHING_TO_CANCEL = "I am not working on any question of yours here."
BUSY = "I have more questions waiting than I can answer soon. Please ask again in a minute."
TOO_FAST = "You are asking faster than I can read. Please wait {seconds} seconds."
TOO_SLOW = (
    "I could not answer within {seconds} seconds and stopped. Please ask again, perhaps more "
    "simply."
)
TOO_OLD = (
    "I was not running when you asked this, and that is a while ago. If you still want to know, "
    "please ask again:"
)
MODEL_UNREACHABLE = (
    "The language model cannot be reached at the moment (reference {reference}). Please ask again "
    "in a little while."
)
FAILED = "Something went wrong on my side (reference {reference}). Please ask again."
GAVE_UP = (
    "I tried to answer this three times and failed (reference {reference}). Please ask it "
    "differently:"
)
STRANGER = (
    "This bot answers only people whom its operator has listed. Your Telegram id is {user_id}; "
    "give it to the operator if you should be on the list."
)

READY = "ready: @{username} answers about {subject}; open to {open_to} ({how})"
OPEN_TO_NOBODY = (
    "nobody yet: write to the bot, it tells you your id; put that into IBID_TELEGRAM_ALLOW and "
    "start again"
)
UNREACHABLE = "Telegram cannot be reached at {host} ({reason}); trying again until it can."
REFUSED = (
    "Telegram refused the token in IBID_TELEGRAM_TOKEN; copy it again from BotFather and restart."
)
SECOND_HERE = "Another ibid telegram is already running with this IBID_HOME; stop it first."
SECOND_ELSEWHERE = (
    "Another program is receiving this bot's messages with the same token; stop it, or give this "
    "one a token of its own."
)
PORT_TAKEN = (
    "The bot cannot listen on {listen}, port {port} ({reason}); choose others with "
    "IBID_TELEGRAM_WEBHOOK_LISTEN and IBID_TELEGRAM_WEBHOOK_PORT."
)
WEBHOOK_MISSING = (
    "IBID_TELEGRAM_WEBHOOK_URL must be the public https address that Telegram calls for --webhook, "
    "but it is not set."
)


def who_speaks(kind: SpeechKind, speaker: str | None) -> str:
    """Return whose words a quotation is, as a phrase."""
    if kind == "direct":
        return f"{speaker}, word for word" if speaker else "Quoted word for word"
    if kind == "reported":
        return f"{speaker}, as the article reports it" if speaker else "Reported speech"
    return "The article itself"


def subject_of(titles: list[str]) -> str:
    """Return what can be asked about, as a phrase."""
    if not titles:
        return NO_SUBJECTS
    return ONE_SUBJECT.format(title=titles[0]) if len(titles) == 1 else many_subjects(len(titles))


def many_subjects(n: int) -> str:
    """Return a phrase for a collection of ``n`` articles."""
    return MANY_SUBJECTS.format(n=n)

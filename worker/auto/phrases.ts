/**
 * What people say about an answer, or beside a question, in the languages that the rules know. Letters decide where a
 * word ends: `\b` knows only those of English.
 */
const START = '(?<![\\p{L}\\p{N}])';
const END = '(?![\\p{L}\\p{N}])';

/** Any of the phrases as whole words, or, for scripts that set no spaces, anywhere. */
function anyOf(spaced: readonly string[], dense: readonly string[] = []): RegExp {
  const parts = [`${START}(?:${spaced.join('|')})${END}`, ...dense];
  return new RegExp(parts.join('|'), 'iu');
}

const NOT = "(?:is|was|isn'?t|is not|'s not|not|wasn'?t|was not)";

export const DISSATISFIED = anyOf(
  [
    "(?:that|this|it)(?:'s| is| was| looks| seems)? (?:still |simply |just |completely |all )?(?:wrong|incorrect|not (?:right|correct|true|helpful|what i (?:asked|meant|wanted|need))|broken|failing|nonsense|useless)",
    `(?:that|this|it) ?${NOT} (?:right|correct|true|helpful|what i (?:asked|meant|wanted|need))`,
    "(?:you(?:'re| are| were)|still) (?:wrong|broken|not working|failing|incorrect|mistaken)",
    "(?:doesn'?t|does not|didn'?t|did not|still doesn'?t) (?:work|help|answer)",
    'not (?:what i (?:asked|meant|wanted)|helpful)',
    'try (?:that |it )?again',
    'you (?:misunderstood|got (?:it|that) wrong|missed the point|made a mistake)',
    'that makes no sense',
    'your (?:last )?answer (?:is|was) (?:wrong|incorrect|bad)',
    'das (?:ist|war) (?:(?:leider|immer noch|noch immer|so) )*(?:falsch|verkehrt|nicht richtig|nicht korrekt|nicht das,? was)',
    'stimmt (?:so |leider |immer noch )?nicht',
    '(?:funktioniert|geht|klappt) (?:immer noch |leider |noch immer |so )?nicht',
    'hilft (?:mir )?nicht',
    "c'est (?:toujours )?faux|c'est (?:incorrect|une erreur)|ce n'est (?:toujours )?pas (?:correct|juste|bon|ça|ce que)",
    'ne (?:fonctionne|marche) (?:toujours |encore )?pas|ça ne m.?aide pas',
    '(?:eso |esto )?(?:está mal|no es (?:correcto|lo que)|(?:todavía |sigue sin |aún )?no funciona|sigue sin funcionar|es incorrecto|te equivocas)',
    '(?:è sbagliato|(?:ancora )?non funziona|non è (?:corretto|giusto|quello che)|è errato)',
    '(?:está errado|(?:ainda )?não funciona|não (?:é isso|está (?:certo|correto)))',
    '(?:dat )?klopt niet|dat is (?:fout|niet juist)|werkt (?:nog steeds )?niet',
    'to (?:jest )?(?:źle|błędne|błąd|nieprawda)|(?:nadal |wciąż )?nie działa',
    'bu (?:yanlış|doğru değil)|yanlış|(?:hâlâ |hala )?çalışmıyor',
    'это (?:неправильно|неверно|не так)|неправильно|неверно|(?:всё ещё |все еще |опять )?не работает',
    '(?:यह |ये )?गलत है|(?:यह )?काम नहीं',
    'خطأ|غير صحيح|لا يعمل',
  ],
  [
    '不对',
    '错了',
    '不正确',
    '还是不行',
    '没用',
    '違います',
    '違う',
    '間違',
    '動きません',
    '틀렸',
    '틀린',
    '작동하지 않',
    '아니에요',
  ],
);
/** The whole message is a verdict. */
export const VERDICT =
  /^(?:no[,.!]* ?)?(?:wrong|incorrect|nope|false|not true|falsch|faux|mal|incorrecto|sbagliato|errado|fout|źle|yanlış|нет|неверно)[\s.!?]*$/iu;

export const RIGOUR = anyOf(
  [
    'think (?:about (?:it|this|that) )?(?:very |really |much |more |extra )?(?:hard|harder|deeply|deeper|carefully|longer)',
    'ultrathink|megathink',
    'be (?:very |more |really )?rigorous|rigorously',
    'step by step,? (?:and )?(?:be )?(?:rigorous|carefully)',
    'use (?:the best|the strongest|the smartest|a (?:stronger|better|smarter)|your best) model',
    'reason (?:very |more )?carefully',
    'take your time',
    'denke? (?:\\p{L}+ ){0,4}(?:gut|genau|genauer|scharf|gründlich|gründlicher|härter|länger|sorgfältig) (?:darüber )?nach',
    '(?:nimm|benutze|verwende) das (?:beste|stärkste) modell',
    'réfléchi(?:s|ssez) (?:bien|davantage|plus|encore|mieux)|utilise le meilleur modèle',
    'piensa (?:\\p{L}+ )?(?:bien|más|mejor|con cuidado)|piénsalo (?:bien|mejor)|usa el mejor modelo',
    '(?:pensa|rifletti)(?:ci)? (?:bene|meglio|di più|con attenzione)',
    'pens[ae] (?:bem|melhor|mais|com cuidado)',
    'denk (?:\\p{L}+ ){0,2}(?:goed|beter|harder) na',
    '(?:pomyśl|zastanów się) (?:\\p{L}+ )?(?:dobrze|dokładnie|głębiej)',
    '(?:iyi|iyice|daha iyi|dikkatlice) düşün',
    'подумай(?:те)? (?:\\p{L}+ )?(?:хорошо|хорошенько|внимательно|лучше|глубже)',
    'ध्यान से सोच\\p{L}*|अच्छी तरह सोच\\p{L}*',
    'فكر (?:جيدا|بعمق)',
  ],
  [
    '仔细(?:地)?(?:思考|想)',
    '好好(?:地)?想',
    '认真(?:地)?(?:思考|想)',
    'よく考えて',
    'じっくり考え',
    '慎重に考え',
    '잘 생각',
    '신중하게 생각',
    '깊이 생각',
    '더 생각',
  ],
);

export const BREVITY = new RegExp(
  [
    '^\\s*(?:just|quick(?:ly)?|quick question|briefly|kurz|kurze frage|en bref|rápido|brevemente|em resumo|in breve|kort)(?![\\p{L}])',
    anyOf(
      [
        'short answer|in one (?:word|sentence)|yes or no|just (?:tell|give|say)|one[- ]word answer|answer briefly',
        'kurze antwort|ja oder nein|in einem (?:satz|wort)',
        'en un mot|oui ou non|sí o no|en una (?:palabra|frase)|sì o no|in una parola|sim ou não|numa palavra',
        'ja of nee|tak czy nie|да или нет|одним словом|evet mi hayır mı',
      ],
      ['一句话', '是或否', 'ひとことで', '一言で', '한마디로'],
    ).source,
  ].join('|'),
  'iu',
);

const POLITE = [
  "(?:hi|hello|hey)(?: there| all| everyone| again| claude)?|yo|thanks?(?: you)?(?: (?:so|very) much| a lot| again| all)?|thx|cheers|good (?:morning|afternoon|evening|day|night)|bye|goodbye|see you|ok(?:ay)?|great|perfect|nice|cool|good|wonderful|got it|that's all|that works",
  'hallo|moin|servus|guten (?:tag|morgen|abend)|(?:vielen |herzlichen |besten )?dank|danke(?: schön| sehr| dir| ihnen)?|tschüss|super|prima|alles klar',
  "merci(?: beaucoup| bien)?|bonjour|bonsoir|salut|parfait|au revoir|d'accord",
  'hola|buenos días|buenas (?:tardes|noches)|(?:muchas |mil )?gracias|perfecto|adiós|vale',
  'ciao|buongiorno|buonasera|grazie(?: mille)?|perfetto|arrivederci',
  'olá|oi|bom dia|boa (?:tarde|noite)|(?:muito )?obrigad[oa]|perfeito|tchau',
  'dank (?:je|u)(?: wel)?|bedankt|hoi|goedemorgen|goedendag|prima|doei',
  'cześć|dzień dobry|dzięki|dziękuję(?: bardzo)?|do widzenia|świetnie',
  'merhaba|selam|günaydın|teşekkürler|teşekkür ederim|sağ ol|harika',
  'привет|спасибо(?: большое)?|здравствуйте|добрый день|доброе утро|отлично|пока',
  '你好|谢谢(?:你|您)?|您好|早上好|再见|好的|こんにちは|おはよう(?:ございます)?|ありがとう(?:ございま(?:す|した))?|了解(?:です)?|안녕하세요|감사합니다|고마워요?|네',
  'مرحبا|شكرا(?: جزيلا)?|السلام عليكم|नमस्ते|धन्यवाद|शुक्रिया',
].join('|');
const BETWEEN = '[\\s!.,。！、，…\\-:;)(\\p{Extended_Pictographic}\\uFE0F]';
/** Nothing but one to four polite words. */
export const SMALL_TALK = new RegExp(
  `^${BETWEEN}*(?:${POLITE})(?:${BETWEEN}+(?:${POLITE})){0,3}${BETWEEN}*$`,
  'iu',
);

/** Asks what a thing is, in a few words. */
export const DEFINITION = new RegExp(
  [
    "^¿?(?:what(?:'s| is| are)|define|was (?:ist|sind|bedeutet|heißt)|qu'est[- ]ce que?|c'est quoi|qué (?:es|son|significa)|(?:che )?cos'è|cosa (?:è|significa)|o que (?:é|são|significa)|wat (?:is|zijn|betekent)|co to (?:jest|są)|что такое|什么是|ما (?:هو|هي)) ?",
    "^qu'est[- ]ce qu'",
    '^¿?(?:who|when|where|is|are|does|how many|which (?:ports?|devices?|switch(?:es)?|routers?|racks?|sites?|vlans?|prefix(?:es)?|address(?:es)?|interfaces?|cables?|tenants?)|wer|wann|wo|wie ?viele|welche[nrs]? (?:ports?|geräte?|switches?|router|racks?|standorte?|vlans?|adressen?|schnittstellen?)|qui|quand|où|combien|quel(?:le)?s? (?:est|sont|port)|quién|cuándo|dónde|cu[aá]nt[oa]s|cuál es|qué puerto|chi|quando|dove|quant[iae]|qual (?:è|é)|quem|onde|wie is|wanneer|waar|hoeveel|kto|kiedy|gdzie|ile|кто|когда|где|сколько|какой порт|kim|kaç) ',
    '^what does .{1,30} (?:mean|stand for)$',
    '(?:nedir|とは何ですか|とは何|とは|(?:이란|란) 무엇인가요|(?:이|가)? ?뭐예요|是什么|क्या है)$',
  ].join('|'),
  'iu',
);
/** Of such a question: it is about a case, not a thing. */
export const CASE =
  /\b(?:wrong|difference|cause|reason|best|better|right way|my|our|this|that|these|it|between|if)\b|(?<!\p{L})(?:unterschied|ursache|différence|diferencia|differenza|diferença|verschil|różnica|разница|fark)(?!\p{L})|区别|違い|차이|फर्क|الفرق/iu;

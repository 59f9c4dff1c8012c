import { FROM_SONNET, HAIKU, OPUS, redo, type Script, SONNET, say, UP_TO_SONNET } from './golden-play.ts';

/** The same manners in other languages. */
export const LANGUAGE_SCRIPTS: readonly Script[] = [
  {
    name: 'German: a look-up, an analysis, a complaint',
    turns: [
      say('Welche Geräte stehen in Rack 4?', HAIKU),
      say('Vergleiche VRRP und HSRP für zwei Standorte', SONNET),
      say('Das ist falsch.', OPUS),
      say('Vielen Dank!', HAIKU),
    ],
  },
  {
    name: 'German: more thought, and a short answer',
    turns: [
      say('Erkläre, warum asymmetrisches Routing eine Firewall stört', SONNET),
      say('Denk bitte noch einmal gründlich nach', OPUS),
      say('Kurz: was ist ein VRF?', HAIKU),
    ],
  },
  {
    name: 'German: a design and follow-ups',
    turns: [
      say(
        'Entwirf eine Plattform für Netzautomatisierung mit Freigaben, Rückfall, Audit und gestuftem Ausrollen.',
        OPUS,
      ),
      say('und für IPv6?', OPUS),
      say('warum?', OPUS),
      say('Was bedeutet NTP?', HAIKU),
    ],
  },
  {
    name: 'German: the answer did not help',
    turns: [
      say('Welchen Port benutzt SNMP?', HAIKU),
      say('Stimmt nicht', SONNET),
      say('das funktioniert immer noch nicht', OPUS),
    ],
  },
  {
    name: 'French: a greeting, a script, more thought',
    turns: [
      say('Bonjour', HAIKU),
      say('Écris un script Python qui sauvegarde la configuration de vingt routeurs', SONNET),
      say('Réfléchis davantage', OPUS),
      say('Merci', HAIKU),
    ],
  },
  {
    name: 'French: a complaint and a follow-up',
    turns: [say("Qu'est-ce qu'un VRF ?", HAIKU), say("C'est faux", SONNET), say('et pourquoi ?', SONNET)],
  },
  {
    name: 'Spanish: a comparison and a complaint',
    turns: [
      say('Compara EVPN con VPLS para un campus', SONNET),
      say('eso no es correcto', OPUS),
      say('¿y por qué?', OPUS),
      say('Muchas gracias', HAIKU),
    ],
  },
  {
    name: 'Spanish: small things stay small',
    turns: [
      say('Hola', HAIKU),
      say('¿Qué es un ASN?', HAIKU),
      say('Traduce al inglés: el enlace está caído', HAIKU),
    ],
  },
  {
    name: 'Italian: a redo',
    turns: [say("Cos'è un VRF?", HAIKU), redo(SONNET), say('non funziona', OPUS), say('grazie', HAIKU)],
  },
  {
    name: 'Italian: more thought',
    turns: [say('Spiega la differenza tra OSPF e BGP', SONNET), say('Pensa bene', OPUS)],
  },
  {
    name: 'Portuguese: an explanation and a complaint',
    turns: [
      say('Explique como funciona o protocolo OSPF e quando usar áreas', SONNET),
      say('está errado', OPUS),
      say('obrigada', HAIKU),
    ],
  },
  {
    name: 'Portuguese: more thought',
    turns: [say('O que é um VRF?', HAIKU), say('Pense bem', FROM_SONNET), say('e por quê?', FROM_SONNET)],
  },
  {
    name: 'Dutch: a look-up and a complaint',
    turns: [
      say('Welke poort gebruikt SSH?', HAIKU),
      say('dat klopt niet', SONNET),
      say('waarom?', SONNET),
      say('dank je', HAIKU),
    ],
  },
  {
    name: 'Polish: a question, more thought',
    turns: [say('Co to jest VRF?', HAIKU), say('Pomyśl dobrze', FROM_SONNET), say('dziękuję', HAIKU)],
  },
  {
    name: 'Polish: it does not work',
    turns: [say('Jaki port ma SSH?', HAIKU), say('to nie działa', SONNET)],
  },
  {
    name: 'Turkish: a question and a complaint',
    turns: [
      say('BGP nedir?', HAIKU),
      say('bu yanlış', SONNET),
      say('neden?', SONNET),
      say('teşekkürler', HAIKU),
    ],
  },
  {
    name: 'Russian: an explanation, more thought',
    turns: [
      say('Объясни разницу между VLAN и VXLAN', SONNET),
      say('подумай внимательно', OPUS),
      say('а почему?', OPUS),
      say('спасибо', HAIKU),
    ],
  },
  {
    name: 'Russian: it is wrong',
    turns: [
      say('Какой порт у SSH?', HAIKU),
      say('это неправильно', SONNET),
      say('всё ещё не работает', OPUS),
    ],
  },
  {
    name: 'Chinese: an explanation and a complaint',
    turns: [
      say('解释 EVPN 的工作原理，并与 VPLS 比较', SONNET),
      say('不对', OPUS),
      say('为什么？', OPUS),
      say('谢谢', HAIKU),
    ],
  },
  {
    name: 'Chinese: a question and more thought',
    turns: [say('什么是 ASN？', HAIKU), say('请仔细思考', FROM_SONNET)],
  },
  {
    name: 'Japanese: a question, a complaint, thanks',
    turns: [
      say('ASNとは何ですか？', HAIKU),
      say('間違っています', SONNET),
      say('ありがとうございます', HAIKU),
    ],
  },
  {
    name: 'Japanese: a comparison and more thought',
    turns: [say('OSPFとIS-ISの違いを比較してください', SONNET), say('もう一度よく考えてください', OPUS)],
  },
  {
    name: 'Korean: an explanation and more thought',
    turns: [
      say('VLAN과 VXLAN의 차이를 설명해 주세요', SONNET),
      say('다시 신중하게 생각해 주세요', OPUS),
      say('감사합니다', HAIKU),
    ],
  },
  {
    name: 'Arabic: a question and a complaint',
    turns: [say('ما هو BGP؟', HAIKU), say('هذا خطأ', SONNET), say('شكرا', HAIKU)],
  },
  {
    name: 'Hindi: a question and a complaint',
    turns: [say('BGP क्या है?', HAIKU), say('यह गलत है', SONNET), say('धन्यवाद', HAIKU)],
  },
  {
    name: 'two languages in one conversation',
    turns: [
      say('What is a VLAN?', HAIKU),
      say('und auf Deutsch?', HAIKU),
      say('Vergleiche VLAN und VXLAN mit ihren Vor- und Nachteilen', SONNET),
      say('in English please', UP_TO_SONNET),
    ],
  },
];
